use super::*;
use serde_json::Value;
use std::net::{Ipv4Addr, TcpListener};
use std::sync::atomic::{AtomicUsize, Ordering};

/// A network as a run has it.
struct Run {
    network: Network,
    budget: Budget,
    outside: Outside,
    interrupt: Interrupt,
}

impl Run {
    fn reaching(declared: &[&str], granted: &[&str]) -> Self {
        let targets = |texts: &[&str]| texts.iter().map(|text| text.parse().expect("a target")).collect();
        let mut network = Network::new(targets(granted));
        network.begin(targets(declared));
        let interrupt = Interrupt::default();
        Self {
            network,
            budget: Budget::of(Duration::from_secs(60)),
            outside: Outside::new(Duration::from_secs(60), interrupt.clone()),
            interrupt,
        }
    }

    /// One that reaches a listener of this test.
    fn with_peer() -> (Self, TcpListener, String) {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port");
        let target = listener.local_addr().expect("an address").to_string();
        (Self::reaching(&[&target], &[&target]), listener, target)
    }

    fn call(&mut self, op: &str, args: Value, blob: &[u8]) -> Answered {
        let Value::Object(args) = args else { panic!("arguments are an object") };
        let call = Call { capability: "network.connect".into(), op: op.into(), args, blob: blob.to_vec() };
        self.network.call(&call, &mut self.budget, &mut self.outside)
    }

    fn connect(&mut self, target: &str) -> Answered {
        self.call("connect", json!({ "target": target, "timeout_ms": 5_000 }), &[])
    }

    #[track_caller]
    fn refused(&mut self, op: &str, args: Value) -> String {
        self.call(op, args, &[]).expect_err("refused").code
    }

    fn read(&mut self, max: usize, timeout_ms: u64) -> (Vec<u8>, bool) {
        let args = json!({ "connection": 1, "max": max, "timeout_ms": timeout_ms });
        let reply = self.call("read", args, &[]).expect("an answer");
        (reply.blob, reply.value["end"] == true)
    }
}

#[test]
fn bytes_go_both_ways_until_either_side_ends() {
    let (mut run, listener, target) = Run::with_peer();
    let answer = run.connect(&target).expect("connected").value;
    assert_eq!(answer, json!({ "address": target, "connection": 1 }));
    let (mut peer, _) = listener.accept().expect("it comes");
    run.call("write", json!({ "connection": 1, "timeout_ms": 5_000 }), b"question").expect("sent");
    run.call("shutdown", json!({ "connection": 1 }), &[]).expect("ended");
    let mut heard = String::new();
    peer.read_to_string(&mut heard).expect("all of it");
    assert_eq!(heard, "question");
    assert_eq!(run.read(10, 1), (Vec::new(), false), "nothing came in time");
    peer.write_all(b"answer").expect("sent");
    drop(peer);
    assert_eq!(run.read(2, 5_000), (b"an".to_vec(), false));
    assert_eq!(run.read(10, 5_000), (b"swer".to_vec(), false));
    assert_eq!(run.read(10, 5_000), (Vec::new(), true));
    run.connect(&target).expect("another one");
    run.call("close", json!({ "connection": 1 }), &[]).expect("closed");
    assert_eq!(run.refused("close", json!({ "connection": 1 })), code::CAPABILITY_BAD_CALL);
    run.network.begin(vec![target.parse().expect("a target")]);
    assert_eq!(
        run.refused("close", json!({ "connection": 2 })),
        code::CAPABILITY_BAD_CALL,
        "another step is at work"
    );
}

#[test]
fn a_peer_that_does_not_read_holds_nobody() {
    let (mut run, _listener, target) = Run::with_peer();
    run.connect(&target).expect("connected");
    let failure = run.call("write", json!({ "connection": 1, "timeout_ms": 50 }), &vec![0; 32 << 20]);
    assert_eq!(failure.expect_err("too long").code, code::CAPABILITY_FAILED);
}

#[test]
fn what_is_out_of_range_is_refused() {
    let (mut run, _listener, target) = Run::with_peer();
    for _ in 0..OPEN_MAX {
        run.connect(&target).expect("connected");
    }
    for (op, args) in [
        ("connect", json!({ "target": target, "timeout_ms": 1 })),
        ("connect", json!({ "target": target, "timeout_ms": 0 })),
        ("connect", json!({ "target": target })),
        ("read", json!({ "connection": 1, "max": 0, "timeout_ms": 1 })),
        ("read", json!({ "connection": 1, "max": READ_BYTES_MAX + 1, "timeout_ms": 1 })),
        ("read", json!({ "connection": 99, "max": 1, "timeout_ms": 1 })),
        ("read", json!({ "connection": 1, "max": 1, "timeout_ms": TIMEOUT_MS_MAX + 1 })),
        ("write", json!({ "connection": 0, "timeout_ms": 1 })),
        ("listen", json!({})),
    ] {
        assert_eq!(run.refused(op, args.clone()), code::CAPABILITY_BAD_CALL, "{op} {args}");
    }
}

/// How often a resolver of these tests was asked.
static ASKED: AtomicUsize = AtomicUsize::new(0);

fn counting(_: &str, port: u16) -> io::Result<Vec<SocketAddr>> {
    ASKED.fetch_add(1, Ordering::SeqCst);
    Ok(vec![(Ipv4Addr::LOCALHOST, port).into()])
}

#[test]
fn a_refused_place_reaches_no_resolver_and_an_allowed_one_asks_it_once() {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port");
    let port = listener.local_addr().expect("an address").port();
    let (name, address) = (format!("a.example:{port}"), format!("127.0.0.1:{port}"));
    let mut run = Run::reaching(&[&name, "b.example:1"], &[&name, &address]);
    run.network.resolve = counting;
    for (target, expected) in [
        ("c.example:1", code::CAPABILITY_UNDECLARED),
        ("a.example:1", code::CAPABILITY_UNDECLARED),
        ("b.example:1", code::CAPABILITY_DENIED),
        (&address, code::CAPABILITY_UNDECLARED),
        ("127.1:80", code::NETWORK_TARGET),
        ("*.a.example:1", code::NETWORK_TARGET),
        ("a.example", code::NETWORK_TARGET),
        (&"x".repeat(1 << 16), code::NETWORK_TARGET),
    ] {
        let failure = run.connect(target).expect_err("refused");
        assert_eq!(failure.code, expected, "{target}");
        assert!(failure.message.len() < 400, "{}", failure.message);
    }
    assert_eq!(ASKED.load(Ordering::SeqCst), 0, "no name was looked up");
    assert_eq!(run.connect(&name).expect("connected").value["address"], address.as_str());
    assert_eq!(ASKED.load(Ordering::SeqCst), 1);
}

#[test]
fn a_name_of_a_private_address_is_refused_unless_the_address_is_granted() {
    type Resolver = fn(&str, u16) -> io::Result<Vec<SocketAddr>>;
    let private: [Resolver; 4] = [
        |_, port| Ok(vec![([127, 0, 0, 1], port).into()]),
        |_, port| Ok(vec![([169, 254, 169, 254], port).into(), ([10, 0, 0, 1], port).into()]),
        |_, port| Ok(vec![("::ffff:127.0.0.1".parse::<std::net::IpAddr>().expect("mapped"), port).into()]),
        |_, port| Ok(vec![("fd00:ec2::254".parse::<std::net::IpAddr>().expect("local"), port).into()]),
    ];
    for resolve in private {
        let mut run = Run::reaching(&["a.example:9"], &["a.example:9", "127.0.0.1:10"]);
        run.network.resolve = resolve;
        let failure = run.connect("a.example:9").expect_err("refused");
        assert_eq!(failure.code, code::NETWORK_ADDRESS);
        assert!(failure.message.contains("`--network "), "{}", failure.message);
    }
    let mut run = Run::reaching(&["a.example:9"], &["a.example:9"]);
    run.network.resolve = |_, _| Ok(Vec::new());
    assert_eq!(run.connect("a.example:9").expect_err("no address").code, code::CAPABILITY_FAILED);
    // A literal is granted as what it is, and nothing else is meant by it.
    let mut run = Run::reaching(&["127.0.0.1:9"], &["127.0.0.2:9"]);
    assert_eq!(run.connect("127.0.0.1:9").expect_err("refused").code, code::CAPABILITY_DENIED);
}

#[test]
fn of_several_addresses_only_those_that_were_judged_are_connected_to() {
    let target: Target = "a.example:9".parse().expect("a target");
    let reach = Reach { declared: vec![target.clone()], granted: vec![target.clone()] };
    let found: Vec<SocketAddr> = ["127.0.0.1:9", "8.8.8.8:9", "[::1]:9", "[2606:4700::1]:9"]
        .iter()
        .map(|text| text.parse().expect("an address"))
        .collect();
    let allowed = reach.checked(&target, &found).expect("two are public");
    assert_eq!(allowed, [found[1], found[3]]);
}

#[test]
fn a_resolver_that_does_not_answer_and_an_interrupt_end_a_call() {
    let mut run = Run::reaching(&["a.example:9"], &["a.example:9"]);
    run.network.resolve = |_, _| {
        std::thread::park();
        Ok(Vec::new())
    };
    let args = json!({ "target": "a.example:9", "timeout_ms": 20 });
    assert_eq!(run.refused("connect", args), code::CAPABILITY_FAILED);
    run.interrupt.fire();
    let failed = run.connect("a.example:9").expect_err("it does not wait");
    assert!(failed.message.contains("interrupted"), "{failed:?}");
    let (mut run, listener, target) = Run::with_peer();
    run.connect(&target).expect("connected");
    let _peer = listener.accept().expect("it comes");
    run.interrupt.fire();
    assert_eq!(run.read(1, 120_000), (Vec::new(), true), "it does not wait any longer");
}
