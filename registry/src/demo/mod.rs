//! Generated registry with the structure of a country: deterministic for the same seed and day, and labelled
//! synthetic.

mod calendar;
mod figures;
mod names;
mod organizations;
mod pages;
mod plan;
mod recipe;
mod series;
mod service;
mod statistics;
mod writer;

pub use recipe::Recipe;
pub use service::{Generated, Progress, Scale, check_is_synthetic, generate};
pub use statistics::generate_statistics;
