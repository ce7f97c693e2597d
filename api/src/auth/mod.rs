//! Authentication of clients and federation routers.

pub(crate) mod credentials;
