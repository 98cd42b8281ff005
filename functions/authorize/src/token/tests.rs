use jsonwebtoken::{EncodingKey, jwk::Jwk};
use serde_json::json;

use super::*;
use crate::{
    issuer, key,
    testing::{
        OPERATOR, P256, RSA, STRANGER_P256, STRANGER_RSA, Signer, TENANT, encode, now, signed, unsigned, with, without,
    },
};

const WIDS_GLOBAL_ADMIN: &str = "62e90394-69f5-4237-9190-012177145e10";

/// One issuer with our names, twice, for two audiences; a pattern with its own names and a role map; a cloud
/// of its own.
fn issuers() -> Vec<Issuer> {
    let list = json!([
        { "issuer": "https://id.example", "audience": "ours", "cloud": "public" },
        { "issuer": "https://id.example", "audience": "tool", "cloud": "public", "claims": { "roles": "groups" } },
        {
            "issuer": "https://login.example/{tid}/v2.0", "audience": "ours", "cloud": "public",
            "jwksUri": "https://login.example/keys",
            "claims": { "roles": "wids", "name": "display", "email": "upn", "country": "c" },
            "roleMap": { WIDS_GLOBAL_ADMIN: "GlobalAdmin", "operators": "Operator" }
        },
        {
            "issuer": "https://login.example.cn/{tid}/", "audience": "ours", "cloud": "china",
            "jwksUri": "https://login.example.cn/keys", "claims": { "tenant": "org" }
        }
    ]);
    issuer::parse(&list.to_string()).unwrap()
}

fn claims() -> Value {
    json!({
        "iss": "https://id.example", "aud": "ours", "exp": now().as_second() + 3600, "nbf": now().as_second(),
        "tid": TENANT, "oid": "ada", "name": "Ada", "email": "ada@fabrikam.example", "tenant_ctry": "JP",
        "roles": ["GlobalAdmin"],
    })
}

fn entra() -> Value {
    json!({
        "iss": format!("https://login.example/{TENANT}/v2.0"), "aud": "ours", "exp": now().as_second() + 3600,
        "tid": TENANT, "oid": "ada", "sub": "pairwise", "wids": [WIDS_GLOBAL_ADMIN],
    })
}

/// What becomes of the header of a request, with both good keys known.
fn header(header: &str) -> Result<Identity, Refused> {
    let keys: Vec<Key> = [RSA, P256].iter().map(|signer| Key::read(&signer.jwk()).unwrap()).collect();
    let issuers = issuers();
    let unverified = read(header, &issuers)?;
    let key = key::pick(&keys, unverified.key_id.as_deref(), unverified.algorithm).ok_or(Refused::UnknownKey)?;
    verify(&unverified, key, OPERATOR.parse().unwrap(), now())
}

fn bearer(token: &str) -> Result<Identity, Refused> {
    header(&format!("Bearer {token}"))
}

fn of(claims: &Value) -> Result<Identity, Refused> {
    bearer(&P256.token(claims))
}

#[test]
fn a_good_token_says_who_calls() {
    let ada = Identity {
        tenant: TENANT.parse().unwrap(),
        user: "ada".to_owned(),
        name: Some("Ada".to_owned()),
        email: Some("ada@fabrikam.example".to_owned()),
        roles: vec![Role::GlobalAdmin],
        country: "JP".parse().ok(),
        cloud: Cloud::Public,
    };
    assert_eq!(bearer(&RSA.token(&claims())), Ok(ada.clone()));
    assert_eq!(bearer(&P256.token(&claims())), Ok(ada.clone()));
    for start in ["bearer ", "BEARER ", " Bearer   "] {
        assert_eq!(header(&format!("{start}{}", P256.token(&claims()))), Ok(ada.clone()), "{start}");
    }
    for header in [
        json!({ "alg": "ES256", "kid": "p256" }),
        json!({ "alg": "ES256" }), // the issuer's only key for it
        json!({ "alg": "ES256", "typ": "at+jwt", "kid": "p256" }),
        json!({ "alg": "ES256", "typ": "application/AT+JWT", "kid": "p256", "jku": "https://evil.example" }),
    ] {
        assert_eq!(bearer(&P256.sign(Algorithm::ES256, &header, &claims())), Ok(ada.clone()), "{header}");
    }
}

#[test]
fn each_issuer_is_read_in_its_own_way() {
    let tool = of(&with(&claims(), json!({ "aud": "tool", "groups": ["SalesAgent"] }))).unwrap();
    assert_eq!(tool.roles, [Role::SalesAgent]);

    let named = json!({ "display": "Ada", "upn": "ada@fabrikam.example", "c": "de", "name": "not this" });
    let entra = of(&with(&entra(), named)).unwrap();
    assert_eq!((entra.name.as_deref(), entra.email.as_deref()), (Some("Ada"), Some("ada@fabrikam.example")));
    assert_eq!((entra.country, entra.cloud), ("DE".parse().ok(), Cloud::Public));
    assert_eq!((entra.user.as_str(), entra.roles), ("ada", vec![Role::GlobalAdmin]));

    let iss = format!("https://login.example.cn/{TENANT}/");
    let china = of(&with(&claims(), json!({ "iss": iss, "org": TENANT, "tid": "not this" }))).unwrap();
    assert_eq!((china.tenant.to_string().as_str(), china.cloud), (TENANT, Cloud::China));
}

#[test]
fn roles_come_in_many_forms() {
    use Role::{AdminAgent, GlobalAdmin};
    for (roles, ours) in [
        (json!(["AdminAgent", "GlobalAdmin", "Other"]), vec![AdminAgent, GlobalAdmin]),
        (json!(["AdminAgent", 1, null, ["GlobalAdmin"]]), vec![AdminAgent]),
        (json!(r#"["AdminAgent","GlobalAdmin"]"#), vec![AdminAgent, GlobalAdmin]),
        (json!(r#"["AdminAgent",1,null]"#), vec![AdminAgent]),
        (json!("AdminAgent GlobalAdmin"), vec![AdminAgent, GlobalAdmin]),
        (json!("AdminAgent,GlobalAdmin"), vec![AdminAgent, GlobalAdmin]),
        (json!("AdminAgent, Other,  GlobalAdmin "), vec![AdminAgent, GlobalAdmin]),
        (json!("adminagent"), vec![]),
        (json!(""), vec![]),
        (json!([]), vec![]),
        (json!(null), vec![]),
        (json!(7), vec![]),
        (json!({ "AdminAgent": true }), vec![]),
    ] {
        let identity = of(&with(&claims(), json!({ "roles": roles }))).unwrap();
        assert_eq!(identity.roles, ours, "{roles}");
    }
    assert_eq!(of(&without(&claims(), "roles")).unwrap().roles, []);
    // Where there is a map, our own names are another application's.
    let mapped = json!({ "wids": [WIDS_GLOBAL_ADMIN, "GlobalAdmin", "b79fbf4d-3ef9-4689-8143-76b194e85509"] });
    assert_eq!(of(&with(&entra(), mapped)).unwrap().roles, [GlobalAdmin]);
}

#[test]
fn an_operator_is_one_in_the_operators_tenant_only() {
    let roles = json!(["Operator", "GlobalAdmin"]);
    let foreign = of(&with(&claims(), json!({ "roles": roles }))).unwrap();
    assert_eq!(foreign.roles, [Role::GlobalAdmin]);
    let own = of(&with(&claims(), json!({ "roles": roles, "tid": OPERATOR.to_uppercase() }))).unwrap();
    assert_eq!(own.roles, [Role::Operator, Role::GlobalAdmin]);
    let mapped = of(&with(&entra(), json!({ "wids": "operators" }))).unwrap();
    assert_eq!(mapped.roles, []);
}

#[test]
fn a_client_without_a_user_is_its_client_id() {
    let client = without(&claims(), "oid");
    for (fields, user) in [
        (json!({ "sub": "ada" }), "ada"),
        (json!({ "sub": "ada", "oid": "object", "azp": "portal" }), "object"),
        (json!({ "azp": "tool" }), "tool"),
        (json!({ "appid": "tool" }), "tool"),
        (json!({ "client_id": "tool", "sub": "" }), "tool"),
        (json!({ "client_id": "tool", "sub": 7, "oid": null }), "tool"),
        (json!({ "idtyp": "app", "azp": "tool", "oid": "object", "sub": "object" }), "tool"),
        (json!({ "idtyp": "user", "azp": "portal", "oid": "ada" }), "ada"),
        (json!({ "idtyp": "app", "sub": "object" }), "object"),
    ] {
        assert_eq!(of(&with(&client, fields.clone())).unwrap().user, user, "{fields}");
    }
    assert_eq!(of(&client), Err(Refused::User));
}

#[test]
fn what_is_not_known_is_left_out() {
    for country in [json!("Japan"), json!(""), json!("J1"), json!(["JP"]), json!(null), json!(81)] {
        let identity = of(&with(&claims(), json!({ "tenant_ctry": country, "name": "", "email": 1 }))).unwrap();
        assert_eq!((identity.country, identity.name, identity.email), (None, None, None), "{country}");
    }
    assert_eq!(of(&without(&claims(), "tenant_ctry")).unwrap().country, None);
}

#[test]
fn a_tenants_case_does_not_matter_and_its_issuers_does() {
    let (tenant, upper) = ("abcdefab-0000-4000-8000-000000000000", "ABCDEFAB-0000-4000-8000-000000000000");
    let of = |iss: &str, tid: &str| {
        let iss = format!("https://login.example/{iss}/v2.0");
        of(&with(&entra(), json!({ "iss": iss, "tid": tid }))).map(|identity| identity.tenant.to_string())
    };
    assert_eq!(of(tenant, tenant), Ok(tenant.to_owned()));
    assert_eq!(of(upper, upper), Ok(tenant.to_owned()));
    assert_eq!(of(tenant, upper), Err(Refused::Issuer));
}

#[test]
fn claims_that_do_not_count_are_refused() {
    let at = |seconds: i64| now().as_second() + seconds;
    for (fields, why) in [
        (json!({ "aud": "theirs" }), Refused::Audience),
        (json!({ "aud": ["theirs", "others"] }), Refused::Audience),
        (json!({ "aud": [] }), Refused::Audience),
        (json!({ "aud": null }), Refused::Audience),
        (json!({ "aud": { "ours": true } }), Refused::Audience),
        (json!({ "aud": [["ours"]] }), Refused::Audience),
        (json!({ "aud": "OURS" }), Refused::Audience),
        (json!({ "iss": "https://other.example" }), Refused::Issuer),
        (json!({ "iss": "https://id.example/" }), Refused::Issuer),
        (json!({ "iss": ["https://id.example"] }), Refused::Issuer),
        (json!({ "iss": null }), Refused::Issuer),
        (json!({ "iss": format!("https://login.example/{OPERATOR}/v2.0") }), Refused::Issuer),
        (json!({ "iss": "https://login.example/{tid}/v2.0" }), Refused::Issuer),
        (json!({ "iss": "https://login.example//v2.0", "tid": "" }), Refused::Tenant),
        (json!({ "iss": "https://login.example/{tid}/v2.0", "tid": "{tid}" }), Refused::Tenant),
        (json!({ "exp": at(-60) }), Refused::Expired),
        (json!({ "exp": 0 }), Refused::Expired),
        (json!({ "exp": -1 }), Refused::Expired),
        (json!({ "exp": i64::MIN }), Refused::Expired),
        (json!({ "exp": 1e300 }), Refused::Expired),
        (json!({ "exp": (at(-60) as f64) - 0.5 }), Refused::Expired),
        (json!({ "exp": null }), Refused::Expired),
        (json!({ "exp": at(3600).to_string() }), Refused::Expired),
        (json!({ "exp": [at(3600)] }), Refused::Unreadable),
        (json!({ "nbf": at(61) }), Refused::NotYetValid),
        (json!({ "nbf": u64::MAX }), Refused::NotYetValid),
        (json!({ "nbf": 1e300 }), Refused::NotYetValid),
        (json!({ "nbf": "tomorrow" }), Refused::NotYetValid),
        (json!({ "nbf": null }), Refused::NotYetValid),
        (json!({ "tid": "fabrikam" }), Refused::Tenant),
        (json!({ "tid": TENANT.replace('-', "") }), Refused::Tenant),
        (json!({ "tid": "" }), Refused::Tenant),
        (json!({ "tid": [TENANT] }), Refused::Tenant),
        (json!({ "oid": "" }), Refused::User),
    ] {
        assert_eq!(of(&with(&claims(), fields.clone())), Err(why), "{fields}");
    }
    for (missing, why) in [
        ("aud", Refused::Audience),
        ("iss", Refused::Issuer),
        ("exp", Refused::Expired),
        ("tid", Refused::Tenant),
        ("oid", Refused::User),
    ] {
        assert_eq!(of(&without(&claims(), missing)), Err(why), "{missing}");
    }
}

#[test]
fn claims_at_the_edge_count() {
    let at = |seconds: i64| now().as_second() + seconds;
    for fields in [
        json!({ "aud": ["theirs", "ours"] }),
        json!({ "exp": at(-59) }),
        json!({ "exp": (at(-60) as f64) + 0.5 }),
        json!({ "exp": u64::MAX }),
        json!({ "exp": i64::MAX }),
        json!({ "nbf": at(60) }),
        json!({ "nbf": (at(59) as f64) + 0.5 }),
        json!({ "nbf": i64::MIN }),
        json!({ "nbf": -1e300 }),
        json!({ "iat": at(3600) }),
    ] {
        assert!(of(&with(&claims(), fields.clone())).is_ok(), "{fields}");
    }
    assert!(of(&without(&claims(), "nbf")).is_ok());
}

#[test]
fn a_claim_given_twice_is_refused() {
    for twice in [r#"{"iss":"https://other.example","#, r#"{"aud":"theirs","#, r#"{"exp":1,"#] {
        let payload = claims().to_string().replacen('{', twice, 1);
        let message = format!("{}.{}", encode(P256.header().to_string()), encode(payload));
        let key = EncodingKey::from_ec_der(P256.der);
        let signature = jsonwebtoken::crypto::sign(message.as_bytes(), &key, Algorithm::ES256).unwrap();
        assert_eq!(bearer(&format!("{message}.{signature}")), Err(Refused::Unreadable), "{twice}");
    }
}

#[test]
fn an_algorithm_is_the_keys_and_not_the_tokens() {
    use Algorithm::{ES256, HS256, PS256, RS256, RS384, RS512};
    let header = |signer: Signer, fields: Value| with(&signer.header(), fields);
    for algorithm in [PS256, RS384, RS512] {
        let token = RSA.sign(algorithm, &header(RSA, json!({ "alg": algorithm })), &claims());
        assert_eq!(bearer(&token), Err(Refused::Algorithm), "{algorithm:?}");
        // Signed with what it does not say: the key takes only its own.
        let token = RSA.sign(algorithm, &RSA.header(), &claims());
        assert_eq!(bearer(&token), Err(Refused::Signature), "{algorithm:?} as RS256");
    }
    let token = P256.sign(ES256, &header(P256, json!({ "kid": "rsa" })), &claims());
    assert_eq!(bearer(&token), Err(Refused::UnknownKey));
    let token = RSA.sign(RS256, &header(RSA, json!({ "kid": "p256" })), &claims());
    assert_eq!(bearer(&token), Err(Refused::UnknownKey));
    for none in ["none", "None", "NONE", ""] {
        let message = unsigned(&header(RSA, json!({ "alg": none })), &claims());
        assert_eq!(bearer(&format!("{message}.")), Err(Refused::Unreadable), "{none}");
    }
    // The public key is no secret: whoever has it signs HS256 with it.
    for signer in [RSA, P256] {
        let jwk = serde_json::from_value::<Jwk>(signer.jwk()).unwrap();
        let public = jsonwebtoken::DecodingKey::from_jwk(&jwk).unwrap();
        let bytes = public.try_get_as_bytes().map_or_else(|_| signer.jwk().to_string().into_bytes(), <[u8]>::to_vec);
        let secret = EncodingKey::from_secret(&bytes);
        let token = signed(&secret, HS256, &header(signer, json!({ "alg": "HS256" })), &claims());
        assert_eq!(bearer(&token), Err(Refused::Algorithm));
        let token = signed(&secret, HS256, &signer.header(), &claims());
        assert_eq!(bearer(&token), Err(Refused::Signature));
    }
}

#[test]
fn a_key_that_the_token_brings_does_not_count() {
    let header = with(&P256.header(), json!({ "jwk": STRANGER_P256.jwk(), "jku": "https://evil.example/keys" }));
    assert_eq!(bearer(&STRANGER_P256.sign(Algorithm::ES256, &header, &claims())), Err(Refused::Signature));
    let header = with(&header, json!({ "kid": "evil" }));
    assert_eq!(bearer(&STRANGER_P256.sign(Algorithm::ES256, &header, &claims())), Err(Refused::UnknownKey));
}

#[test]
fn what_was_changed_or_signed_by_another_is_refused() {
    assert_eq!(bearer(&STRANGER_RSA.token(&claims())), Err(Refused::Signature));
    assert_eq!(bearer(&STRANGER_P256.token(&claims())), Err(Refused::Signature));
    for signer in [RSA, P256] {
        let token = signer.token(&claims());
        let (message, signature) = token.rsplit_once('.').unwrap();
        let other = unsigned(&signer.header(), &with(&claims(), json!({ "oid": "eve" })));
        assert_eq!(bearer(&format!("{other}.{signature}")), Err(Refused::Signature));
        let other = unsigned(&with(&signer.header(), json!({ "x": 1 })), &claims());
        assert_eq!(bearer(&format!("{other}.{signature}")), Err(Refused::Signature));
        assert_eq!(bearer(&format!("{message}.")), Err(Refused::Signature));
        assert_eq!(bearer(&format!("{message}.{}", &signature[4..])), Err(Refused::Signature));
        assert_eq!(bearer(&format!("{message}.{}", encode([0; 64]))), Err(Refused::Signature));
        assert_eq!(bearer(&format!("{token}=")), Err(Refused::Unreadable));
    }
}

#[test]
fn headers_that_do_not_count_are_refused() {
    for (fields, why) in [
        (json!({ "kid": "unknown" }), Refused::UnknownKey),
        (json!({ "kid": "" }), Refused::UnknownKey),
        (json!({ "kid": "../../keys" }), Refused::UnknownKey),
        (json!({ "kid": 7 }), Refused::Unreadable),
        (json!({ "crit": ["exp"] }), Refused::Unreadable),
        (json!({ "crit": [] }), Refused::Unreadable),
        (json!({ "crit": "b64", "b64": false }), Refused::Unreadable),
        (json!({ "alg": null }), Refused::Unreadable),
        (json!({ "alg": ["ES256"] }), Refused::Unreadable),
        (json!({ "alg": "es256" }), Refused::Unreadable),
        (json!({ "alg": "ES384" }), Refused::Algorithm),
        (json!({ "alg": "EdDSA" }), Refused::Algorithm),
        (json!({ "typ": "logout+jwt" }), Refused::Kind),
        (json!({ "typ": "dpop+jwt" }), Refused::Kind),
        (json!({ "typ": "" }), Refused::Kind),
    ] {
        let token = P256.sign(Algorithm::ES256, &with(&P256.header(), fields.clone()), &claims());
        assert_eq!(bearer(&token), Err(why), "{fields}");
    }
}

#[test]
fn what_is_no_token_is_refused() {
    let token = P256.token(&claims());
    let (message, _) = token.rsplit_once('.').unwrap();
    let huge = P256.token(&with(&claims(), json!({ "more": "x".repeat(16 * 1024) })));
    let deep = encode(format!("{}{}", "[".repeat(5000), "]".repeat(5000)));
    for text in [
        String::new(),
        " ".to_owned(),
        "Bearer".to_owned(),
        "Bearer ".to_owned(),
        "Bearer  .".to_owned(),
        "Bearer ..".to_owned(),
        "Bearer garbage".to_owned(),
        "Bearer header.payload.signature".to_owned(),
        "Bearer \u{1f511}.\u{1f511}.\u{1f511}".to_owned(),
        "Basic YWRhOnBhc3N3b3Jk".to_owned(),
        format!("Basic {token}"),
        format!("Bearer:{token}"),
        token.clone(),
        format!("Bearer {message}"),
        format!("Bearer {}", message.split_once('.').unwrap().0),
        format!("Bearer {token}.{token}"),
        format!("Bearer {token},Bearer {token}"),
        format!("Bearer {token} {token}"),
        format!("Bearer {huge}"),
        format!("Bearer {}", "a".repeat(1 << 20)),
        format!("Bearer {}.{deep}.AAAA", encode(P256.header().to_string())),
        format!("Bearer {deep}.{deep}.AAAA"),
        format!("Bearer {}", P256.token(&json!([claims()]))),
        format!("Bearer {}", P256.token(&json!("claims"))),
        format!("Bearer {}", P256.token(&json!(null))),
    ] {
        let start: String = text.chars().take(60).collect();
        assert_eq!(header(&text), Err(Refused::Unreadable), "{start}");
    }
}
