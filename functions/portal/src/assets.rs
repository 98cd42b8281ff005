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
            let weight = parameters.trim().strip_prefix("q=").map_or(Some(1.0), |weight| weight.parse::<f32>().ok());
            coding.trim().eq_ignore_ascii_case(wanted).then_some(weight.unwrap_or_default())
        })
    };
    weight("gzip").or_else(|| weight("*")).is_some_and(|weight| weight > 0.0)
}
