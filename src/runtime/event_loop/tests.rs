use std::cell::RefCell;
use std::rc::Rc;
use std::task::{Context, Waker};

use futures_util::stream;
use ratatui::style::Style;
use tokio::task::LocalSet;

use super::*;
use crate::app::buckets;
use crate::app::key::Key;

const SIZE: Size = Size { width: 30, height: 4 };

/// Shows how many keys it saw, and what else the tests ask for.
#[derive(Default)]
struct Counter {
    keys: u32,
    seen: Vec<Msg>,
    at: Vec<Duration>,
    quiet: bool,
    deadline: Option<Duration>,
    exit: Option<Exit>,
    draws: Rc<RefCell<u32>>,
}

impl Screen for Counter {
    fn update(&mut self, cx: &mut Cx, msg: Msg) {
        self.at.push(cx.at);
        self.seen.push(msg.clone());
        match msg {
            Msg::Key(key) if key == Key::char('q') => self.exit = Some(Exit::Code(0)),
            Msg::Key(key) if key == Key::ctrl('z') => {
                cx.effect(Effect::Suspend);
            }
            Msg::Key(key) if key == Key::char('y') => {
                cx.effect(Effect::Copy("a".into()));
            }
            Msg::Key(key) if key == Key::char('b') => {
                cx.effect(Effect::Buckets(buckets::Effect::List));
            }
            Msg::Key(_) => self.keys += 1,
            _ if self.quiet => cx.unchanged(),
            _ => {}
        }
    }

    fn deadline(&self) -> Option<Duration> {
        self.deadline
    }

    fn exit(&self) -> Option<Exit> {
        self.exit
    }

    fn draw(&self, frame: &mut Frame) {
        *self.draws.borrow_mut() += 1;
        frame.buffer_mut().set_string(0, 0, format!("{} keys", self.keys), Style::new());
    }
}

/// A terminal that takes bytes, or stalls.
#[derive(Clone, Default)]
struct Glass(Rc<RefCell<Wall>>);

#[derive(Default)]
struct Wall {
    writes: Vec<Vec<u8>>,
    stalled: bool,
    gone: bool,
    waker: Option<Waker>,
}

impl Glass {
    fn bytes(&self) -> Vec<u8> {
        self.0.borrow().writes.concat()
    }

    fn frames(&self) -> usize {
        self.0.borrow().writes.len()
    }

    fn shows(&self) -> String {
        let mut screen = vt100::Parser::new(SIZE.height.try_into().unwrap(), SIZE.width.try_into().unwrap(), 0);
        screen.process(&self.bytes());
        screen.screen().contents()
    }

    fn stall(&self, stalled: bool) {
        let mut wall = self.0.borrow_mut();
        wall.stalled = stalled;
        if let Some(waker) = wall.waker.take() {
            waker.wake();
        }
    }
}

impl AsyncWrite for Glass {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let mut wall = self.0.borrow_mut();
        if wall.gone {
            return Poll::Ready(Err(io::ErrorKind::BrokenPipe.into()));
        }
        if wall.stalled {
            wall.waker = Some(cx.waker().clone());
            return Poll::Pending;
        }
        wall.writes.push(bytes.to_vec());
        Poll::Ready(Ok(bytes.len()))
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}

struct Asked(Rc<RefCell<Vec<Effect>>>);

impl Perform for Asked {
    fn perform(&mut self, _: Ticket, effect: Effect) {
        self.0.borrow_mut().push(effect);
    }
}

/// A loop with its ends in the test's hands.
struct Stage {
    keys: mpsc::UnboundedSender<Msg>,
    answers: mpsc::Sender<Msg>,
    glass: Glass,
    draws: Rc<RefCell<u32>>,
    asked: Rc<RefCell<Vec<Effect>>>,
    done: tokio::task::JoinHandle<(Leave, Loop<Counter>)>,
}

impl Stage {
    fn open(screen: Counter) -> Self {
        Self::with(Loop::new(screen, Cx::new(jiff::Timestamp::UNIX_EPOCH, SIZE, [0; 32]), b"").unwrap())
    }

    fn with(mut it: Loop<Counter>) -> Self {
        let (keys, mut typed) = mpsc::unbounded_channel();
        let (answers, mut answered) = mpsc::channel(256);
        let (glass, asked, draws) = (Glass::default(), Rc::default(), Rc::clone(&it.screen.draws));
        let (mut terminal, mut effects) = (glass.clone(), Asked(Rc::clone(&asked)));
        let done = tokio::task::spawn_local(async move {
            let mut input = stream::poll_fn(move |cx| typed.poll_recv(cx));
            let leave = it.run(&mut input, &mut answered, &mut effects, &mut terminal).await;
            (leave, it)
        });
        Self { keys, answers, glass, draws, asked, done }
    }

    fn press(&self, keys: &str) {
        for c in keys.chars() {
            self.keys.send(Msg::Key(Key::char(c))).unwrap();
        }
    }

    /// Lets the loop run until it waits.
    async fn settle(&self) {
        for _ in 0..1000 {
            tokio::task::yield_now().await;
        }
    }

    async fn end(self) -> (Leave, Loop<Counter>) {
        self.done.await.unwrap()
    }
}

fn stage<F: Future<Output = ()>>(test: impl FnOnce() -> F) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
    LocalSet::new().block_on(&runtime, async { test().await });
}

fn answer() -> Msg {
    Msg::Answer(Answer { ticket: Ticket(1), meta: None, body: Body::Nothing })
}

#[test]
fn a_key_is_drawn_at_once_in_one_write() {
    stage(|| async {
        let stage = Stage::open(Counter::default());
        stage.settle().await;
        assert_eq!((stage.glass.frames(), stage.glass.shows().as_str()), (1, "0 keys"));
        let began = Instant::now();
        stage.press("j");
        stage.settle().await;
        assert_eq!((stage.glass.frames(), stage.glass.shows().as_str()), (2, "1 keys"));
        assert_eq!(Instant::now(), began, "no timer in between");
    });
}

#[test]
fn the_modes_come_with_the_first_frame() {
    stage(|| async {
        let cx = Cx::new(jiff::Timestamp::UNIX_EPOCH, SIZE, [0; 32]);
        let stage = Stage::with(Loop::new(Counter::default(), cx, b"\x1b[?1049h").unwrap());
        stage.settle().await;
        assert_eq!(stage.glass.frames(), 1);
        assert!(stage.glass.bytes().starts_with(b"\x1b[?1049h\x1b[1;1H"), "and the first cell behind them");
    });
}

#[test]
fn what_changes_nothing_writes_nothing() {
    stage(|| async {
        let stage = Stage::open(Counter { quiet: true, ..Counter::default() });
        stage.settle().await;
        let (before, drawn) = (stage.glass.bytes().len(), *stage.draws.borrow());
        stage.answers.send(answer()).await.unwrap();
        tokio::time::sleep(Duration::from_secs(60)).await;
        assert_eq!((stage.glass.bytes().len(), *stage.draws.borrow()), (before, drawn));
        // Drawn because it may have changed; the same all the same.
        stage.keys.send(Msg::Focus(true)).unwrap();
        tokio::time::sleep(Duration::from_secs(60)).await;
        assert_eq!(stage.glass.bytes().len(), before);
    });
}

#[test]
fn what_comes_together_is_drawn_once_and_a_frame_that_says_nothing_holds_up_no_key() {
    stage(|| async {
        let stage = Stage::open(Counter::default());
        tokio::time::sleep(FRAME).await;
        let drawn = *stage.draws.borrow();
        for _ in 1..=2 {
            stage.answers.send(answer()).await.unwrap();
            stage.settle().await;
            tokio::time::sleep(FRAME / 3).await;
        }
        assert_eq!(*stage.draws.borrow(), drawn);
        tokio::time::sleep(FRAME / 3).await;
        stage.settle().await;
        assert_eq!((*stage.draws.borrow(), stage.glass.frames()), (drawn + 1, 1));
        let began = Instant::now();
        stage.press("j");
        stage.settle().await;
        assert_eq!((stage.glass.shows(), Instant::now()), ("1 keys".into(), began));
    });
}

#[test]
fn answers_share_a_frame_and_a_key_does_not_wait_for_them() {
    stage(|| async {
        let stage = Stage::open(Counter::default());
        stage.settle().await;
        stage.press("j");
        stage.settle().await;
        let drawn = *stage.draws.borrow();
        for _ in 0..100 {
            stage.answers.send(answer()).await.unwrap();
            stage.settle().await;
        }
        assert_eq!(*stage.draws.borrow(), drawn, "within 16 ms of the last frame");
        stage.press("j");
        stage.settle().await;
        assert_eq!(stage.glass.shows(), "2 keys");
        tokio::time::sleep(FRAME).await;
        assert!(*stage.draws.borrow() <= drawn + 2);
    });
}

#[test]
fn a_flood_of_keys_is_obeyed_and_merged() {
    stage(|| async {
        let stage = Stage::open(Counter::default());
        stage.press(&"j".repeat(3000));
        tokio::time::sleep(Duration::from_millis(100)).await;
        assert_eq!(stage.glass.shows(), "3000 keys");
        assert!(stage.glass.frames() <= 4, "{} frames", stage.glass.frames());
    });
}

#[test]
fn a_stalled_terminal_holds_one_frame_and_obeys_keys_and_signals() {
    stage(|| async {
        let stage = Stage::open(Counter::default());
        stage.settle().await;
        stage.glass.stall(true);
        for _ in 0..500 {
            stage.press("j");
            stage.settle().await;
        }
        let drawn = *stage.draws.borrow();
        assert_eq!(drawn, 2, "the frame under way and no other");
        tokio::time::sleep(Duration::from_secs(5)).await;
        stage.glass.stall(false);
        tokio::time::sleep(Duration::from_millis(50)).await;
        assert_eq!(stage.glass.shows(), "500 keys");

        stage.glass.stall(true);
        stage.press("j");
        stage.settle().await;
        stage.keys.send(Msg::Signal(Signal::Term)).unwrap();
        let (leave, _) = stage.end().await;
        assert_eq!(leave, Leave::Exit(Exit::Code(143)));
    });
}

#[test]
fn a_slow_terminal_gets_a_pause_after_a_frame() {
    stage(|| async {
        let stage = Stage::open(Counter::default());
        stage.settle().await;
        stage.glass.stall(true);
        stage.press("j");
        stage.settle().await;
        tokio::time::sleep(Duration::from_millis(20)).await;
        stage.glass.stall(false);
        stage.settle().await;
        let frames = stage.glass.frames();
        stage.press("j");
        stage.settle().await;
        assert_eq!(stage.glass.frames(), frames, "not sooner than its write took");
        tokio::time::sleep(Duration::from_millis(25)).await;
        assert_eq!(stage.glass.shows(), "2 keys");
    });
}

#[test]
fn a_terminal_that_is_gone_ends_the_program() {
    stage(|| async {
        let stage = Stage::open(Counter::default());
        stage.settle().await;
        stage.glass.0.borrow_mut().gone = true;
        stage.press("j");
        let (leave, it) = stage.end().await;
        assert_eq!(leave, Leave::Exit(Exit::Code(129)));
        assert_eq!(it.screen.seen.last(), Some(&Msg::Signal(Signal::Hup)));
    });
}

#[test]
fn ticks_come_at_the_deadline_and_never_in_a_rush() {
    stage(|| async {
        let stage = Stage::open(Counter { deadline: Some(Duration::from_secs(3)), quiet: true, ..Counter::default() });
        tokio::time::sleep(Duration::from_millis(3095)).await;
        stage.press("q");
        let (_, it) = stage.end().await;
        let ticks = it.screen.seen.iter().filter(|msg| **msg == Msg::Tick).count();
        assert_eq!(it.screen.at.first(), Some(&Duration::from_secs(3)));
        assert!((9..=10).contains(&ticks), "{ticks} ticks for a deadline that stays past");
    });
}

#[test]
fn a_tick_comes_through_a_flood_of_answers() {
    stage(|| async {
        let stage = Stage::open(Counter { deadline: Some(Duration::from_millis(1)), ..Counter::default() });
        tokio::time::advance(Duration::from_millis(5)).await;
        for _ in 0..200 {
            stage.answers.send(answer()).await.unwrap();
        }
        stage.press("q");
        let (_, it) = stage.end().await;
        assert!(it.screen.seen.contains(&Msg::Tick));
    });
}

#[test]
fn effects_go_out_and_the_exit_leaves() {
    stage(|| async {
        let stage = Stage::open(Counter::default());
        stage.press("bq");
        stage.settle().await;
        assert_eq!(*stage.asked.borrow(), [Effect::Buckets(buckets::Effect::List)]);
        let (leave, _) = stage.end().await;
        assert_eq!(leave, Leave::Exit(Exit::Code(0)));
    });
}

#[test]
fn a_copy_goes_out_without_a_changed_cell_and_is_answered() {
    stage(|| async {
        let stage = Stage::open(Counter::default());
        stage.settle().await;
        stage.press("y");
        stage.settle().await;
        let bytes = stage.glass.bytes();
        assert!(bytes.windows(8).any(|part| part == b"\x1b]52;c;Y"));
        stage.press("q");
        let (_, it) = stage.end().await;
        assert!(it.screen.seen.contains(&answer()));
    });
}

#[test]
fn a_suspend_comes_back_whole() {
    stage(|| async {
        let stage = Stage::open(Counter::default());
        stage.press("jj");
        stage.keys.send(Msg::Key(Key::ctrl('z'))).unwrap();
        let (leave, mut it) = stage.end().await;
        assert_eq!(leave, Leave::Suspend);
        it.resume(SIZE, b"\x1b[?1049h");
        let stage = Stage::with(it);
        stage.settle().await;
        assert_eq!(stage.glass.shows(), "2 keys");
        assert!(stage.glass.bytes().starts_with(b"\x1b[?1049h"));
        stage.press("q");
        let (_, it) = stage.end().await;
        assert!(it.screen.seen.contains(&Msg::Resumed));
    });
}

#[test]
fn going_on_after_an_unseen_stop_leaves_to_mend_the_terminal() {
    stage(|| async {
        let stage = Stage::open(Counter::default());
        stage.settle().await;
        stage.keys.send(Msg::Resumed).unwrap();
        let (leave, it) = stage.end().await;
        assert_eq!(leave, Leave::GoneOn);
        assert!(!it.screen.seen.contains(&Msg::Resumed), "told when it is mended");
    });
}

#[test]
fn a_resize_paints_all_anew() {
    stage(|| async {
        let stage = Stage::open(Counter::default());
        stage.settle().await;
        let before = stage.glass.bytes().len();
        stage.keys.send(Msg::Resize(Size { width: 3, height: 2 })).unwrap();
        stage.settle().await;
        let bytes = stage.glass.bytes();
        let mut screen = vt100::Parser::new(2.try_into().unwrap(), 3.try_into().unwrap(), 0);
        screen.process(&bytes[before..]);
        assert_eq!(screen.screen().contents(), "0 k");
    });
}
