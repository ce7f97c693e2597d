//! Lua scripts, which Redis runs atomically.

use redis::{FromRedisValue, RedisResult};

use super::connection::Link;

/// A Lua script; it is sent once, and then invoked by its hash.
pub struct Script(redis::Script);

impl Script {
    /// The script with this text.
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
