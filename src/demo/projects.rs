//! The platform's projects: the one of the plain paths, and, where the platform is opened wide or has a management API,
//! another one with its own people, files and keys, and a paused one. What they are called and in which state they are.

use std::sync::{Arc, Mutex, PoisonError};

use super::auth::project_key;
use super::server::Demo;
use super::{Options, REFERENCE};

/// The organizations: number, name, slug.
pub(super) const ORGANIZATIONS: [(u32, &str, &str); 2] =
    [(1, "Demo Works", "demo-works"), (2, "Side Street", "side-street")];

/// How many people a paused project has.
const FEW: u32 = 12;

/// A project before it is started.
#[derive(Clone, Copy)]
pub(super) struct Plan {
    pub(super) id: u32,
    pub(super) reference: &'static str,
    pub(super) name: &'static str,
    /// The number of its organization.
    pub(super) organization: u32,
    pub(super) region: &'static str,
    pub(super) inserted_at: &'static str,
    pub(super) is_paused: bool,
}

const PLANS: [Plan; 3] = [
    Plan {
        id: 1,
        reference: REFERENCE,
        name: "Demo",
        organization: 1,
        region: "eu-central-1",
        inserted_at: "2025-02-03T09:00:00.000Z",
        is_paused: false,
    },
    Plan {
        id: 2,
        reference: "demo-two",
        name: "Demo Two",
        organization: 2,
        region: "us-east-1",
        inserted_at: "2025-11-17T16:20:00.000Z",
        is_paused: false,
    },
    Plan {
        id: 3,
        reference: "demo-paused",
        name: "Asleep",
        organization: 1,
        region: "eu-central-1",
        inserted_at: "2024-06-30T07:45:00.000Z",
        is_paused: true,
    },
];

/// The projects that a server has.
pub(super) fn plans(options: &Options) -> impl Iterator<Item = Plan> {
    let many = options.wide || options.management.is_some();
    PLANS.into_iter().take(if many { PLANS.len() } else { 1 })
}

impl Plan {
    /// What the project is started with: the first one with all that was asked for, each other one with its own seed,
    /// number of people and keys.
    pub(super) fn options(&self, of_first: &Options) -> Options {
        if self.reference == REFERENCE {
            return of_first.clone();
        }
        Options {
            seed: of_first.seed.wrapping_add(self.id.into()),
            users: if self.is_paused { FEW } else { of_first.users / 2 + 7 },
            service_key: project_key("service_role"),
            anon_key: project_key("anon"),
            null_token_user: false,
            ..of_first.clone()
        }
    }
}

/// In which state a project is.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Status {
    Active,
    ComingUp,
    Paused,
}

impl Status {
    /// The platform's word for it.
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Active => "ACTIVE_HEALTHY",
            Self::ComingUp => "COMING_UP",
            Self::Paused => "INACTIVE",
        }
    }
}

/// A project that is there.
pub(super) struct Project {
    pub(super) reference: &'static str,
    pub(super) plan: Plan,
    pub(super) demo: Arc<Demo>,
    status: Mutex<Status>,
}

impl Project {
    pub(super) fn new(plan: Plan, demo: Arc<Demo>) -> Self {
        let status = if plan.is_paused { Status::Paused } else { Status::Active };
        Self { reference: plan.reference, plan, demo, status: Mutex::new(status) }
    }

    pub(super) fn status(&self) -> Status {
        *self.status.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The status for who asks for it alone: one that comes up is there at the next question, however soon.
    pub(super) fn ask_status(&self) -> Status {
        let mut status = self.status.lock().unwrap_or_else(PoisonError::into_inner);
        let told = *status;
        if told == Status::ComingUp {
            *status = Status::Active;
        }
        told
    }

    /// Wakes it; whether it was paused.
    pub(super) fn resume(&self) -> bool {
        let mut status = self.status.lock().unwrap_or_else(PoisonError::into_inner);
        let was_paused = *status == Status::Paused;
        if was_paused {
            *status = Status::ComingUp;
        }
        was_paused
    }

    /// Its own address, on the server's port.
    pub(super) fn address(&self) -> String {
        format!("http://{}", self.endpoint())
    }

    /// The same without the scheme.
    pub(super) fn endpoint(&self) -> String {
        format!("{}/p/{}", self.demo.addr, self.reference)
    }
}
