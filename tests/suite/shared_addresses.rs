//! Redis behind sentinels, and on the nodes of a cluster.

use std::process::{Child, Command, Stdio};

use super::{
    harness::redis::{Redis, free_port},
    shared::{PATIENCE, Replica, a_school, figures, share_one, subscribers, unlimited},
};

#[tokio::test]
async fn sentinels_are_asked_where_redis_is() {
    let ((test, _), redis, port) = (a_school().await, Redis::start().await, free_port());
    let directory = tempfile::TempDir::new().expect("a directory");
    let settings = directory.path().join("sentinel.conf");
    let text = format!("port {port}\nbind 127.0.0.1\nsentinel monitor registry 127.0.0.1 {} 1\n", redis.port);
    std::fs::write(&settings, text).expect("the settings are written");
    let sentinel =
        Command::new("redis-server").arg(&settings).arg("--sentinel").stdout(Stdio::null()).spawn();
    let _sentinel = Ended(sentinel.expect("a sentinel"));
    let one = Replica::over(&test, &format!("redis+sentinel://127.0.0.1:{port}/registry"), unlimited()).await;
    share_one(&one, &redis, 0..20).await;
}

#[tokio::test]
async fn a_cluster_is_one_place() {
    let (test, _) = a_school().await;
    let mut nodes = Vec::new();
    for _ in 0..3 {
        nodes.push(Redis::start_at(free_port_for_cluster(), &["--cluster-enabled", "yes"]).await);
    }
    let addresses: Vec<String> = nodes.iter().map(|node| format!("127.0.0.1:{}", node.port)).collect();
    let joined = Command::new("redis-cli")
        .args(["--cluster", "create"])
        .args(&addresses)
        .args(["--cluster-yes"])
        .output()
        .expect("redis-cli runs");
    assert!(joined.status.success(), "{}", String::from_utf8_lossy(&joined.stdout));
    let address = format!("redis+cluster://{}", addresses.join(","));
    let (one, other) = (
        Replica::over(&test, &address, unlimited()).await,
        Replica::over(&test, &address, unlimited()).await,
    );
    // Each node has some of them in the end; one that is not written in time is executed again.
    let mut asked = 0;
    let sharing = async {
        for node in &nodes {
            while node.keys("test:answer:*").await.is_empty() {
                one.ask(&figures(asked)).await;
                asked += 1;
            }
        }
    };
    tokio::time::timeout(PATIENCE, sharing).await.expect("every node has an answer");
    for number in 0..asked {
        assert_eq!(subscribers(&other.ask(&figures(number)).await.1, number), 100);
    }
    assert!(other.counts().0 > 0, "{:?} of {asked}", other.counts());
}

/// Nodes of a cluster also listen on a second port, 10,000 higher.
fn free_port_for_cluster() -> u16 {
    std::iter::repeat_with(free_port).find(|port| *port < 55_000).expect("a port")
}

/// A process that ends with the test.
struct Ended(Child);

impl Drop for Ended {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
