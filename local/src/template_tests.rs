//! A template in small, and the real one.

use super::*;

const SMALL: &str = r#"
Parameters:
  LogLevel: { Type: String, Default: info }
  Secret: { Type: String, NoEcho: true }
Globals:
  Function:
    Timeout: 10
    Environment: { Variables: { RUST_LOG: !Ref LogLevel } }
Resources:
  Api:
    Type: AWS::Serverless::HttpApi
    Properties:
      Auth:
        DefaultAuthorizer: Tokens
        Authorizers:
          Tokens:
            FunctionArn: !GetAtt Authorize.Arn
            Identity: { Headers: [Authorization], ReauthorizeEvery: 300 }
  Authorize:
    Type: AWS::Serverless::Function
    Metadata: { BuildProperties: { Binary: authorize } }
    Properties: { MemorySize: 256 }
  Open:
    Type: AWS::Serverless::Function
    Metadata: { BuildProperties: { Binary: open-door } }
    Properties:
      Timeout: 120
      Environment:
        Variables: { TABLE_NAME: !Ref Table, KEY: !Ref Secret, NAME: !Sub "${AWS::StackName}-${LogLevel}", FLAG: true }
      Events:
        Ask: { Type: HttpApi, Properties: { Method: post, Path: "/v1/doors/{door}", Auth: { Authorizer: NONE } } }
        Own: { Type: HttpApi, Properties: { Method: get, Path: /v1/doors } }
        Hourly:
          Type: ScheduleV2
          Properties: { ScheduleExpression: rate(1 hour), Input: '{"time":"<aws.scheduler.scheduled-time>"}' }
  Table:
    Type: AWS::DynamoDB::Table
    Properties:
      AttributeDefinitions: [{ AttributeName: pk, AttributeType: S }]
      KeySchema: [{ AttributeName: pk, KeyType: HASH }]
      TimeToLiveSpecification: { AttributeName: purgeAt, Enabled: true }
"#;

fn small() -> Template {
    Template::parse(SMALL).unwrap()
}

#[test]
fn a_function_has_its_own_settings_over_the_common_ones() {
    let template = small();
    let open = &template.functions["open-door"];
    assert_eq!((open.timeout, open.memory), (Duration::from_secs(120), 128));
    assert_eq!(template.functions["authorize"].timeout, Duration::from_secs(10));
    assert_eq!(template.functions["authorize"].memory, 256);
}

#[test]
fn a_variable_is_a_literal_a_default_or_a_reason() {
    let variables = &small().functions["open-door"].variables;
    assert_eq!(variables["RUST_LOG"], Ok("info".to_owned()));
    assert_eq!(variables["NAME"], Ok("local-info".to_owned()));
    assert_eq!(variables["FLAG"], Ok("true".to_owned()));
    assert_eq!(variables["KEY"], Err("the parameter Secret has no default".to_owned()));
    assert_eq!(variables["TABLE_NAME"], Err("Table is no parameter".to_owned()));
}

#[test]
fn a_route_asks_the_authorizer_unless_it_opts_out() {
    let template = small();
    let routes: Vec<_> = template.routes.iter().map(|r| (r.method.as_str(), r.path.as_str(), r.authorized)).collect();
    assert_eq!(routes, [("POST", "/v1/doors/{door}", false), ("GET", "/v1/doors", true)]);
    let authorizer = template.authorizer.unwrap();
    assert_eq!(authorizer.function, "authorize");
    assert_eq!(authorizer.headers, ["authorization"]);
    assert_eq!(authorizer.keep, Duration::from_secs(300));
}

#[test]
fn schedules_and_the_table_are_read() {
    let template = small();
    assert_eq!(template.schedules[0].every, Some(Duration::from_secs(3600)));
    assert_eq!(template.schedules[0].input, r#"{"time":"<aws.scheduler.scheduled-time>"}"#);
    assert_eq!(template.table.time_to_live.as_deref(), Some("purgeAt"));
    assert_eq!(template.table.create["KeySchema"][0]["AttributeName"], "pk");
}

#[test]
fn other_triggers_and_several_schedules_of_one_function_load() {
    let more = r#"
  Record:
    Type: AWS::Serverless::Function
    Metadata: { BuildProperties: { Binary: record } }
    Properties:
      Events:
        Reported:
          Type: EventBridgeRule
          Properties:
            Pattern: { source: [aws.ses], detail-type: [Email Bounced], detail: { mail: { tags: { "ses:configuration-set": [!Ref Mails] } } } }
            RetryPolicy: { MaximumRetryAttempts: 5 }
  Remind:
    Type: AWS::Serverless::Function
    Metadata: { BuildProperties: { Binary: remind } }
    Properties:
      Events:
        Daily: { Type: ScheduleV2, Properties: { ScheduleExpression: rate(1 day), Input: '{"run":"daily"}' } }
        Mornings: { Type: ScheduleV2, Properties: { ScheduleExpression: cron(0 6 * * ? *), Input: !Sub '{"run":"${LogLevel}"}' } }
"#;
    let template = Template::parse(&format!("{SMALL}{more}")).unwrap();
    assert!(template.functions.contains_key("record") && template.routes.len() == 2);
    let of_remind = template.schedules.iter().filter(|schedule| schedule.function == "remind");
    let of_remind: Vec<_> = of_remind.map(|schedule| (schedule.every, schedule.input.as_str())).collect();
    assert_eq!(of_remind, [(Some(Duration::from_secs(86_400)), r#"{"run":"daily"}"#), (None, r#"{"run":"info"}"#)]);
}

#[test]
fn only_rates_run_by_themselves() {
    assert_eq!(rate("rate(15 minutes)"), Some(Duration::from_secs(900)));
    assert_eq!(rate("rate(1 day)"), Some(Duration::from_secs(86_400)));
    assert_eq!(rate("rate(0 hours)"), None);
    assert_eq!(rate("cron(0 6 * * ? *)"), None);
}

#[test]
fn the_real_template_is_understood() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../template.yaml");
    let template = Template::load(&path).unwrap();
    let accept = template.routes.iter().find(|r| r.path == "/v1/invitations/accept").unwrap();
    assert_eq!(
        (accept.method.as_str(), accept.function.as_str(), accept.authorized),
        ("POST", "accept-invitation", true)
    );
    let preview = template.routes.iter().find(|r| r.path == "/v1/invitations/preview").unwrap();
    assert!(!preview.authorized);
    assert_eq!(template.authorizer.unwrap().keep, Duration::from_secs(300));
    assert!(template.schedules.iter().any(|schedule| schedule.function == "cleanup-invitations"));
    assert_eq!(template.table.create["GlobalSecondaryIndexes"].as_array().unwrap().len(), 3);
    for route in &template.routes {
        assert!(template.functions.contains_key(&route.function), "{}", route.function);
    }
}
