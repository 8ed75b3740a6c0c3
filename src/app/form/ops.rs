//! What one does in a form.

use strum::VariantArray;

use crate::app::op::{OpSpec, Scope};

/// Operations in a form; keys that name none are typed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, VariantArray)]
pub enum Op {
    /// The next field.
    Next,
    /// The field before.
    Previous,
    /// Check and send.
    Send,
    /// Close, asking when something was typed; while it is being sent: hide.
    Cancel,
    /// Switch a switch, take the next choice; elsewhere a blank.
    Toggle,
    /// Make a password.
    Generate,
    /// Show what is hidden, or hide it again.
    Reveal,
    /// The keys that work here.
    Help,
    /// The raw answer behind the refusal.
    Raw,
}

impl Op {
    /// Whether it means anything while the form is being sent.
    pub const fn works_while_sent(self) -> bool {
        matches!(self, Self::Cancel | Self::Reveal | Self::Help | Self::Raw)
    }

    /// The row of this operation.
    pub const fn spec(self) -> OpSpec {
        use Scope::Form;
        match self {
            Self::Next => OpSpec::new("form.next", "Next field", &["tab", "down"], Form)
                .help("Goes to the next field.")
                .bar(20, "next"),
            Self::Previous => {
                OpSpec::new("form.previous", "Field before", &["backtab", "up"], Form).help("Goes to the field before.")
            }
            Self::Send => OpSpec::new("form.send", "Send", &["enter"], Form)
                .help("Checks all fields and sends them.")
                .bar(10, "send"),
            Self::Cancel => OpSpec::new("form.cancel", "Cancel", &["esc"], Form)
                .help("Closes the form; asks when something was typed. While it is being sent the form is only hidden.")
                .bar(15, "cancel"),
            Self::Toggle => OpSpec::new("form.toggle", "Switch", &["space"], Form)
                .help("Switches what is on or off, takes the next choice; in a text it is a blank."),
            Self::Generate => OpSpec::new("form.generate", "Make a password", &["ctrl-g"], Form)
                .help("Fills the password with 20 random characters that cannot be mistaken for each other.")
                .bar(30, "generate"),
            Self::Reveal => OpSpec::new("form.reveal", "Show what is hidden", &["ctrl-r"], Form)
                .help("Shows the password while it is typed, or hides it again.")
                .bar(40, "reveal"),
            Self::Help => {
                OpSpec::new("form.help", "Help in forms", &["f1"], Form).help("Shows the keys that work in a form.")
            }
            Self::Raw => OpSpec::new("form.raw", "Raw answer", &["f2"], Form)
                .help("Shows the server's raw answer behind the refusal."),
        }
    }
}
