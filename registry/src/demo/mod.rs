//! A generated registry of a nation's shape: the same for the same seed and day, and labelled synthetic.

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

pub use recipe::Recipe;
pub use service::{Made, Progress, Scale, generate};
