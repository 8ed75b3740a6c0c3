use super::*;

/// What the bytes mean, in one spelling: keys as the config writes them, the rest in angle brackets.
fn spell(msgs: &[Msg]) -> String {
    let word = |msg: &Msg| match msg {
        Msg::Key(key) => key.to_string(),
        Msg::Paste(Pasted(text)) => format!("<paste {text}>"),
        Msg::Focus(on) => format!("<focus {on}>"),
        Msg::Mouse(mouse) => format!("<{:?} {},{}>", mouse.act, mouse.at.x, mouse.at.y),
        other => format!("{other:?}"),
    };
    msgs.iter().map(word).collect::<Vec<_>>().join(" ")
}

fn decode(bytes: &[u8]) -> String {
    let mut msgs = Vec::new();
    let mut decoder = Decoder::default();
    decoder.feed(bytes, &mut msgs);
    decoder.settle(&mut msgs);
    spell(&msgs)
}

#[test]
fn keys_as_terminals_send_them() {
    let table: &[(&[u8], &str)] = &[
        (b"aG?", "a G ?"),
        ("é漢🦀".as_bytes(), "é 漢 🦀"),
        (b"\r\n\t\x7f\x08", "enter enter tab backspace backspace"),
        (b"\x00\x01\x03\x1a", "ctrl-space ctrl-a ctrl-c ctrl-z"),
        (b"\x1b", "esc"),
        (b"\x1b\x1b", "esc esc"),
        (b"\x1ba\x1b\r", "alt-a alt-enter"),
        ("\x1bé".as_bytes(), "alt-é"),
        (b"\x1b[A\x1bOB\x1b[1;5C\x1b[1;3D", "up down ctrl-right alt-left"),
        (b"\x1b[H\x1b[4~\x1b[7~\x1bOF", "home end home end"),
        (b"\x1b[3~\x1b[5~\x1b[6;5~", "delete pageup ctrl-pagedown"),
        (b"\x1b[Z", "backtab"),
        (b"\x1bOP\x1b[12~\x1b[24~\x1b[[A\x1b[1;2P", "f1 f2 f12 f1 f1"),
        (b"\x1b[I\x1b[O", "<focus true> <focus false>"),
        (b"\x1b[97;5u\x1b[97;2u\x1b[27u\x1b[13;1:3u", "ctrl-a A esc"),
        (b"\x1b[27;5;106~", "ctrl-j"),
        // What means nothing here is left out, and harms nothing behind it.
        (b"\x1b[2~x\x1b[?1;2cx", "x x"),
        // The left button, with ctrl too; the wheel; neither its end, nor a drag, nor other buttons, nor what is no cell.
        (
            b"\x1b[<0;3;4M\x1b[<16;1;1M\x1b[<64;80;24M\x1b[<65;1;2M",
            "<Press 2,3> <Press 0,0> <WheelUp 79,23> <WheelDown 0,1>",
        ),
        (b"\x1b[<0;3;4m\x1b[<32;3;4M\x1b[<2;3;4M\x1b[<0;0;4M\x1b[<0;99999;4M\x1b[<0;3M\x1b[<;;Mx", "x"),
        (b"\x1b[M !!x\x1b[Mqqqx\x1b[M q", "x x"),
        (b"\xff\xc3(x\x80", "( x"),
        (b"\x1b[1\x1b[A", "up"),
        (b"\x1b[", "alt-["),
        (b"\x1bO", "alt-O"),
    ];
    for (bytes, keys) in table {
        assert_eq!(decode(bytes), *keys, "{:?}", String::from_utf8_lossy(bytes));
    }
}

#[test]
fn any_cut_gives_the_same() {
    let bytes = "a\x1b[<0;10;2M\x1b[1;5Cé\x1b[200~two\rlines\x1b[201~\x1bOP漢\x1b[[Ax".as_bytes();
    let whole = decode(bytes);
    assert_eq!(whole, "a <Press 9,1> ctrl-right é <paste two\rlines> f1 漢 f1 x");
    for cut in 0..=bytes.len() {
        let mut msgs = Vec::new();
        let mut decoder = Decoder::default();
        decoder.feed(&bytes[..cut], &mut msgs);
        decoder.feed(&bytes[cut..], &mut msgs);
        assert_eq!(spell(&msgs), whole, "cut at {cut}");
        assert!(!decoder.is_waiting());
    }
}

#[test]
fn a_lone_escape_waits_a_moment() {
    let mut msgs = Vec::new();
    let mut decoder = Decoder::default();
    decoder.feed(b"\x1b", &mut msgs);
    assert!(msgs.is_empty() && decoder.is_waiting());
    decoder.settle(&mut msgs);
    assert_eq!(spell(&msgs), "esc");
    assert!(!decoder.is_waiting());
}

#[test]
fn a_paste_is_one_message_whatever_it_holds() {
    assert_eq!(decode(b"\x1b[200~a\x1b[Ab\x03\x1b[201~q"), "<paste a\x1b[Ab\x03> q");
    assert_eq!(decode(b"\x1b[200~\x1b[201~q"), "q");
    // Unfinished: it neither ends by itself nor turns into keys.
    let mut msgs = Vec::new();
    let mut decoder = Decoder::default();
    decoder.feed(b"\x1b[200~dq", &mut msgs);
    assert!(!decoder.is_waiting());
    assert!(msgs.is_empty());
}

#[test]
fn an_endless_paste_comes_in_pieces_and_whole() {
    let text = "aé漢".repeat(1 << 20);
    let mut msgs = Vec::new();
    let mut decoder = Decoder::default();
    decoder.feed(b"\x1b[200~", &mut msgs);
    for piece in text.as_bytes().chunks(1 << 20) {
        decoder.feed(piece, &mut msgs);
        assert!(decoder.held.len() <= PASTE + (1 << 20) + PASTE_END.len());
    }
    decoder.feed(PASTE_END, &mut msgs);
    let pieces: String = msgs.iter().map(|msg| if let Msg::Paste(text) = msg { text.0.as_str() } else { "" }).collect();
    assert!(msgs.len() > 1 && pieces == text);
}

#[test]
fn an_endless_sequence_is_dropped() {
    let mut msgs = Vec::new();
    let mut decoder = Decoder::default();
    decoder.feed(b"\x1b[", &mut msgs);
    decoder.feed(&[b'1'; 100], &mut msgs);
    decoder.feed(b"x", &mut msgs);
    assert_eq!(spell(&msgs), "x");
}

proptest::proptest! {
    #[test]
    fn any_bytes_in_any_pieces_neither_panic_nor_stay(pieces: Vec<Vec<u8>>) {
        let mut msgs = Vec::new();
        let mut decoder = Decoder::default();
        for piece in &pieces {
            decoder.feed(piece, &mut msgs);
        }
        decoder.settle(&mut msgs);
        proptest::prop_assert!(!decoder.is_waiting());
    }
}
