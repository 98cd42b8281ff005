//! The files of `web/`, in the binary.

use lambda_http::http::header;

/// A file, and what a browser is told of it.
pub(crate) struct File {
    /// Below `web/`, with slashes.
    pub(crate) name: &'static str,
    pub(crate) content_type: &'static str,
    plain: &'static [u8],
    gzip: Option<&'static [u8]>,
}

/// How a body is encoded; none is as it is.
pub(crate) type Encoding = Option<(header::HeaderName, String)>;

include!(concat!(env!("OUT_DIR"), "/assets.rs"));

/// The file of that name.
pub(crate) fn find(name: &str) -> Option<&'static File> {
    FILES.iter().find(|file| file.name == name)
}

impl File {
    /// Its bytes, as small as the client takes them.
    pub(crate) fn body(&self, accept_encoding: &str) -> (Vec<u8>, Encoding) {
        match self.gzip.filter(|_| takes_gzip(accept_encoding)) {
            Some(gzip) => (gzip.to_vec(), Some((header::CONTENT_ENCODING, "gzip".to_owned()))),
            None => (self.plain.to_vec(), None),
        }
    }
}

/// RFC 9110 section 12.5.3, as far as gzip goes: named, or any, and not refused with a weight of 0.
fn takes_gzip(accept_encoding: &str) -> bool {
    let weight = |wanted: &str| {
        accept_encoding.split(',').find_map(|part| {
            let (coding, parameters) = part.split_once(';').unwrap_or((part, ""));
            let weight = parameters.trim().strip_prefix("q=").map_or(Ok(1.0), str::parse::<f32>);
            // A weight that is no number is no consent.
            coding.trim().eq_ignore_ascii_case(wanted).then(|| weight.unwrap_or(0.0))
        })
    };
    weight("gzip").or_else(|| weight("*")).is_some_and(|weight| weight > 0.0)
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use super::*;

    #[test]
    fn gzip_is_sent_to_who_takes_it() {
        for (accept_encoding, takes) in [
            ("gzip", true),
            ("gzip, deflate, br, zstd", true),
            ("br;q=1.0, GZIP;q=0.5", true),
            ("*", true),
            ("br, *;q=0.1", true),
            ("", false),
            ("br", false),
            ("identity", false),
            ("gzip;q=0", false),
            ("gzip; q=0.000, *", false),
            ("*;q=0", false),
            ("gzip;q=nonsense", false),
        ] {
            assert_eq!(takes_gzip(accept_encoding), takes, "{accept_encoding}");
        }
    }

    #[test]
    fn both_forms_of_a_file_are_the_same_file() {
        for file in FILES.iter().chain([&DESCRIPTION]) {
            let ((body, encoding), plain) = (file.body("gzip"), file.body("br"));
            assert_eq!(encoding.is_some(), body.len() < plain.0.len(), "{}: gzip only where it is smaller", file.name);
            if encoding.is_some() {
                let mut unpacked = Vec::new();
                flate2::read::GzDecoder::new(body.as_slice()).read_to_end(&mut unpacked).unwrap();
                assert_eq!((unpacked, None), plain, "{}", file.name);
            }
        }
    }

    #[test]
    fn a_file_is_found_by_its_whole_name_and_the_document_is_no_file() {
        assert!(find("main.js").is_some() && find("lib/dom.js").is_some());
        for name in
            ["", "dom.js", "lib", "lib/", "/main.js", "./main.js", "lib/../main.js", "index.html", "openapi.json"]
        {
            assert!(find(name).is_none(), "{name}");
        }
    }
}
