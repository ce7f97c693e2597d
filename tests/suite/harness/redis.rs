//! Servers of Redis, one for each test that needs one: it may be stopped, filled and spoilt.

use std::{
    net::TcpListener,
    path::Path,
    process::{Child, Command, Stdio},
    time::Duration,
};

use redis::{Cmd, FromRedisValue};
use tempfile::TempDir;

/// A running Redis; it ends with the test.
pub struct Redis {
    pub port: u16,
    process: Child,
    directory: TempDir,
}

impl Redis {
    pub async fn start() -> Self {
        Self::start_at(free_port(), &[]).await
    }

    /// Starts a server with further settings.
    pub async fn start_at(port: u16, settings: &[&str]) -> Self {
        let directory = TempDir::new().expect("a directory");
        let process = serve(port, directory.path(), settings);
        let redis = Self { port, process, directory };
        redis.answers().await;
        redis
    }

    pub fn url(&self) -> String {
        format!("redis://127.0.0.1:{}", self.port)
    }

    /// Runs a command.
    pub async fn run<T: FromRedisValue>(&self, command: &mut Cmd) -> T {
        let client = redis::Client::open(self.url()).expect("an address");
        let mut connection = client.get_multiplexed_async_connection().await.expect("Redis answers");
        command.query_async(&mut connection).await.expect("the command is done")
    }

    pub async fn keys(&self, pattern: &str) -> Vec<String> {
        self.run(redis::cmd("KEYS").arg(pattern)).await
    }

    /// Ends the server without warning.
    pub fn kill(&mut self) {
        self.process.kill().expect("the server ends");
        self.process.wait().expect("the server has ended");
    }

    /// Starts it again, with nothing in it.
    pub async fn restart(&mut self) {
        self.process = serve(self.port, self.directory.path(), &[]);
        self.answers().await;
    }

    /// Stops or continues the server: `STOP` leaves its connections open and answers nothing.
    pub fn signal(&self, signal: &str) {
        let process = self.process.id().to_string();
        let done = Command::new("kill").args([&format!("-{signal}"), &process]).status();
        assert!(done.expect("kill runs").success());
    }

    async fn answers(&self) {
        let address = ("127.0.0.1", self.port);
        for _ in 0..200 {
            if tokio::net::TcpStream::connect(address).await.is_ok() {
                return;
            }
            tokio::time::sleep(Duration::from_millis(25)).await;
        }
        panic!("no Redis answers on port {}", self.port);
    }
}

impl Drop for Redis {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// A port that nobody listens on.
pub fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    listener.local_addr().expect("an address").port()
}

fn serve(port: u16, directory: &Path, settings: &[&str]) -> Child {
    Command::new("redis-server")
        .args(["--port", &port.to_string(), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"])
        .arg("--dir")
        .arg(directory)
        .args(settings)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("redis-server is installed: `make test` sees to that")
}
