//! Who asks: what clients and federation routers prove themselves with.

pub mod credentials;
