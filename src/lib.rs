//! basedeck: a terminal dashboard for the users and files of a project.
//!
//! A feature has the same name in every layer, so anything is found by feature and layer: `api::users`, `app::users`,
//! `ui::users`, `runtime::effects::users`, `headless::users`, `demo::routes::users`.
//!
//! From the outside in, each module importing only what stands below it:
//!
//! - `main`: arguments → screen, command or demo server → exit code.
//! - [`runtime`]: the screen's I/O: event loop, terminal, frames, effects.
//! - [`headless`]: the same operations without a screen; [`cli`]: the command line as data.
//! - [`ui`]: drawing, a pure function of the state.
//! - [`app`]: the state and how it changes, pure: `App::update` is the only place where anything does.
//! - [`local`]: this machine: configuration files, secrets, log, panic reports, signals.
//! - [`work`]: what screen and commands share: plans, walks through pages, queries, outcomes (pure); the engine that
//!   carries uploads out and asks for the truth where an answer was lost (I/O).
//! - [`api`]: the client: HTTP to a project's servers, and their models and errors.
//! - [`config`]: `config.toml`, flags and variables as plain data.
//! - [`text`] and [`secret`]: leaves. Every string from outside passes `text::clean` before it reaches a cell.
//! - [`demo`]: the embedded server, a cargo feature that is on by default. It imports nothing of ours, so that a
//!   mistake of the client cannot hide behind the same mistake there.
//!
//! **The import rule**: downward only, no circles; a feature never imports another feature; `app` and `ui` see only the
//! pure halves of `work` and `api`; files, clocks and tasks stay in the rooms made for them. `tests/it/architecture.rs`
//! holds the table and reads every file against it.
//!
//! **Two tables** say what there is. Table 1, [`api::route`], is what a *server* can do: per request its method, its
//! path at each door, whether it changes anything, and when it may be sent again. Addresses, the read-only guard,
//! retries and what a connection offers come from it. Table 2, [`app::op`], is what a *person* can do: per operation
//! its name, help, keys, scope and requests. Dispatch, help, key bar, palette and the one gate before it all come from
//! it, and the README's tables come from both.
//!
//! **The flow**: a key, an answer or a tick becomes an `app::msg::Msg`; `App::update` changes the state and leaves its
//! wishes as `app::effect::Effect`; `runtime::effects` carries them out and comes back with an answer; `ui::draw` draws.

pub mod api;
pub mod app;
pub mod cli;
pub mod config;
#[cfg(feature = "demo")]
pub mod demo;
pub mod headless;
pub mod local;
pub mod runtime;
pub mod secret;
pub mod text;
pub mod ui;
pub mod work;
