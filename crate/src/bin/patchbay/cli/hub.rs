//! Models of the hub, in the cache folder where the other tools of this field keep theirs, in its layout: what one of them
//! has downloaded is here, and the other way round.

mod cache;
mod client;
mod environment;
mod hash;
mod retry;

pub use cache::{Snapshot, receive};
pub use client::{Answer, Client};
pub use environment::Environment;
pub use hash::ContentHash;
pub use retry::{Failure, persist};
