//! Scripts that Redis runs all at once.

use redis::{FromRedisValue, RedisResult};

use super::connection::Link;

/// A script in Lua; it is sent once and named by its hash from then on.
pub struct Script(redis::Script);

impl Script {
    /// The script of this text.
    pub fn new(text: &str) -> Self {
        Self(redis::Script::new(text))
    }

    pub(super) async fn run<T: FromRedisValue>(
        &self,
        link: &mut Link,
        key: &str,
        arguments: &[u64],
    ) -> RedisResult<T> {
        let mut run = self.0.key(key);
        arguments.iter().for_each(|argument| _ = run.arg(argument));
        run.invoke_async(link).await
    }
}
