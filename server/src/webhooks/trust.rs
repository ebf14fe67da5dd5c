//! Whom to trust: the root certificates of the machine, which its operator keeps up to date.

use rustls::crypto::ring::default_provider;
use rustls::{ClientConfig, RootCertStore};
use std::sync::Arc;

/// How to speak TLS with the root certificates of this machine; none when it has none.
pub fn roots_of_this_machine() -> Option<Arc<ClientConfig>> {
    let mut roots = RootCertStore::empty();
    // One that cannot be read is left out, as every program does.
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    if roots.is_empty() { None } else { trusting(roots) }
}

/// How to speak TLS with those who show a certificate of one of these roots.
pub(super) fn trusting(roots: RootCertStore) -> Option<Arc<ClientConfig>> {
    // The provider is named, since a program that has two of them panics at the first connection.
    let builder = ClientConfig::builder_with_provider(Arc::new(default_provider()));
    let builder = builder.with_safe_default_protocol_versions().ok()?;
    Some(Arc::new(builder.with_root_certificates(roots).with_no_client_auth()))
}
