//! What lets somebody in: passwords, invitations, sessions, tokens and links.
//!
//! None of it is in the log, and none of it is kept as it was given: passwords as argon2id, everything else as SHA-256
//! of 256 random bits, which nobody can guess (docs/adr/0016-letting-people-in.md). Sessions and tokens are kept in
//! memory too, so that a request is let in without touching the disk.

pub mod catch_up;
pub mod invitation;
pub mod link;
pub mod password;
pub mod place;
pub mod secret;
pub mod session;
pub mod survey;
pub mod token;

use crate::app::App;
use docket_core::names::ActorId;
use docket_core::store::operational::{Operational, OperationalError};
use docket_core::time::Timestamp;
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;

/// Whose credentials they are. Members of the staff and customers are named apart: the same name may be both.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Person {
    /// Somebody who works here.
    Staff(ActorId),
    /// Somebody who asks for help.
    Customer(ActorId),
}

impl Person {
    /// The identifier, without what it is of.
    pub const fn id(&self) -> &ActorId {
        match self {
            Self::Staff(id) | Self::Customer(id) => id,
        }
    }

    /// The name under which something of theirs is kept.
    pub fn key(&self) -> String {
        match self {
            Self::Staff(id) => format!("staff/{id}"),
            Self::Customer(id) => format!("customer/{id}"),
        }
    }
}

/// Why somebody is not let in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Denied {
    /// Nothing was shown that would let them in.
    #[error("sign in first, or send an API token as `Authorization: Bearer …`")]
    Nobody,
    /// The header holds no token.
    #[error("the Authorization header must be `Bearer` and a token that this server has given out")]
    TokenMalformed,
    /// No such token was given out here.
    #[error("this token is not known here; check that it is whole and of this server")]
    TokenUnknown,
    /// Its time is over.
    #[error("this token has expired; make a new one")]
    TokenExpired,
    /// It was taken back.
    #[error("this token was revoked; ask whoever gave it to you")]
    TokenRevoked,
    /// Its time is over, it was ended, or there was none.
    #[error("this session has ended; sign in again")]
    SessionEnded,
    /// It is used from elsewhere than where it began.
    #[error("this session began in another browser or network, so it was ended; sign in again")]
    SessionMoved,
    /// They do not work here any more.
    #[error("this account is not active; ask an admin")]
    Inactive,
    /// The link's time is over, or it was changed.
    #[error("this link is not valid any more; ask for a new one")]
    LinkInvalid,
}

impl Denied {
    /// A stable name for programs.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Nobody => "sign-in-required",
            Self::TokenMalformed => "token-malformed",
            Self::TokenUnknown => "token-unknown",
            Self::TokenExpired => "token-expired",
            Self::TokenRevoked => "token-revoked",
            Self::SessionEnded => "session-ended",
            Self::SessionMoved => "session-moved",
            Self::Inactive => "account-inactive",
            Self::LinkInvalid => "link-invalid",
        }
    }
}

/// Why something about credentials was not done.
#[derive(Debug, thiserror::Error)]
pub enum CredentialError {
    /// The file could not be used.
    #[error(transparent)]
    File(#[from] OperationalError),
    /// What is kept cannot be understood.
    #[error("what is kept of a credential cannot be read: {0}")]
    Damaged(#[from] serde_json::Error),
    /// The password is not good enough.
    #[error("{0}")]
    Weak(#[from] password::Weak),
    /// Who or what was given is not what lets anybody in; which of them is not told (promise S7).
    #[error("the name or the password is not right")]
    Wrong,
    /// The code is not one that was given out, was used, or its time is over.
    #[error("this code is not valid any more; ask whoever invited you for a new one")]
    CodeInvalid,
    /// Nothing there by that name.
    #[error("there is nothing of that name")]
    NotFound,
    /// There are too many of them.
    #[error("there are {max} of these already; revoke some first")]
    TooMany {
        /// How many there may be.
        max: usize,
    },
    /// Too many passwords are being checked.
    #[error("too many people are signing in; try again in a moment")]
    Busy,
    /// The machine has no thread to hash a password on.
    #[error("the system gives no thread to check passwords on")]
    NoThread,
    /// The machine has no randomness to give.
    #[error("the system gives no random numbers")]
    NoRandomness,
}

/// How often what has ended is let go of.
const UPKEEP_EVERY: Duration = Duration::from_secs(300);

/// Keeps what is kept of credentials short, and when sessions were last used on the disk.
pub async fn upkeep(app: App) {
    loop {
        tokio::time::sleep(UPKEEP_EVERY).await;
        let (credentials, now) = (app.credentials.clone(), app.now());
        let kept = tokio::task::spawn_blocking(move || credentials.keep(now)).await;
        if let Ok(Err(error)) = kept {
            tracing::warn!("credentials could not be kept: {error}");
        }
    }
}

/// Everything that lets somebody in.
pub struct Credentials {
    pub(crate) operational: Arc<Operational>,
    /// Who is signed in.
    pub sessions: session::Sessions,
    /// What programs show.
    pub tokens: token::Tokens,
    /// Makes the links of customers.
    pub links: link::Links,
    /// Makes the links by which customers rate.
    pub surveys: survey::Surveys,
    /// Changes whenever something was taken away from somebody; open streams look again then (promise S2).
    pub taken_away: watch::Sender<u64>,
    pub(crate) hashing: password::Hashing,
    /// One at a time gives or takes away what is recorded.
    pub(crate) changing: tokio::sync::Mutex<()>,
}

impl Credentials {
    /// Reads what is kept, and throws away what has expired.
    ///
    /// # Errors
    /// [`CredentialError::File`] or [`CredentialError::Damaged`]
    pub fn load(
        operational: Arc<Operational>,
        link_key: [u8; 32],
        now: Timestamp,
    ) -> Result<Self, CredentialError> {
        operational.expire(now)?;
        Ok(Self {
            sessions: session::Sessions::load(&operational)?,
            tokens: token::Tokens::load(&operational)?,
            links: link::Links::new(link_key),
            surveys: survey::Surveys::new(link_key),
            taken_away: watch::Sender::new(0),
            hashing: password::Hashing::new()?,
            changing: tokio::sync::Mutex::new(()),
            operational,
        })
    }

    /// Lets go of what has ended, and puts on the disk when sessions were last used. Blocking.
    ///
    /// # Errors
    /// Those of the file.
    fn keep(&self, now: Timestamp) -> Result<(), CredentialError> {
        self.keep_sessions(now)?;
        self.operational.expire(now)?;
        Ok(())
    }

    /// Lets open streams look again whether they may go on.
    pub fn look_again(&self) {
        self.taken_away.send_modify(|times| *times += 1);
    }
}
