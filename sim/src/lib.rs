//! The deterministic world around the protocols.
