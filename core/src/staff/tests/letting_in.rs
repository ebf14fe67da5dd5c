//! What lets people in: who gives it to whom, and who takes it away.

use super::super::event::{Invited, SessionsRevoked, TokenMade, TokenRevoked};
use super::*;
use crate::strategies::instant;
use crate::time::Timestamp;
use uuid::Uuid;

#[test]
fn what_lets_people_in_is_given_to_who_is_there_and_taken_from_anybody() {
    let (expires_at, token) = (Timestamp(99), TokenId(Uuid::from_u128(7)));
    let invite = || StaffAction::LettingIn(LettingIn::Invite { expires_at });
    let make = || {
        let (name, scopes) = (text("nightly export"), slugs(&["work", "read"]));
        StaffAction::LettingIn(LettingIn::MakeToken { token, name, scopes, expires_at })
    };
    let revoke = |is_revoked| StaffAction::LettingIn(LettingIn::RevokeToken { token, is_revoked });
    let end = |has_any| StaffAction::LettingIn(LettingIn::RevokeSessions { has_any });
    let as_herself = |given: &[StaffEvent], action| {
        let actor = Actor { id: id("ines"), role: Role::Agent, team: None };
        StaffDecider::decide(&StaffCommand { actor, member: id("ines"), action }, &StaffDecider::fold(given))
    };
    let invited = StaffEvent::Invited(Invited { member: id("ines"), expires_at });
    let (name, scopes) = ("nightly export".into(), slugs(&["read", "work"]));
    let made = TokenMade { member: id("ines"), token, name, scopes, expires_at };
    let made = StaffEvent::TokenMade(Box::new(made));
    let revoked = StaffEvent::TokenRevoked(TokenRevoked { member: id("ines"), token });
    let ended = StaffEvent::SessionsRevoked(SessionsRevoked { member: id("ines") });
    let refused = || Err(StaffRefusal::Role { role: Role::Agent });

    assert_eq!(admin(&two(), "ines", invite()), Ok(vec![invited]));
    assert_eq!(as_herself(&two(), invite()), refused());
    assert_eq!(as_herself(&two(), make()), Ok(vec![made]));
    assert_eq!(admin(&two(), "ines", make()), Err(StaffRefusal::Role { role: Role::Admin }));
    assert_eq!(as_herself(&two(), end(true)), refused());
    let gone = [two(), vec![left("ines")]].concat();
    for given in [two(), gone.clone()] {
        assert_eq!(as_herself(&given, revoke(false)), Ok(vec![revoked.clone()]));
        assert_eq!(admin(&given, "ines", revoke(false)), Ok(vec![revoked.clone()]));
        assert_eq!(by(Role::Agent, &given, id("ines"), revoke(false)), refused());
        assert_eq!(admin(&given, "ines", revoke(true)), Ok(vec![]));
        assert_eq!(admin(&given, "ines", end(true)), Ok(vec![ended.clone()]));
        assert_eq!(admin(&given, "ines", end(false)), Ok(vec![]));
    }
    assert_eq!(admin(&gone, "ines", invite()), Err(StaffRefusal::Inactive));
    assert_eq!(as_herself(&gone, make()), Err(StaffRefusal::Inactive));
    assert_eq!(admin(&two(), "nobody", invite()), Err(StaffRefusal::NotFound));
}

fn any_token() -> impl Strategy<Value = TokenId> {
    any::<u128>().prop_map(|id| TokenId(Uuid::from_u128(id)))
}

pub(super) fn any_wish() -> impl Strategy<Value = LettingIn> {
    prop_oneof![
        instant().prop_map(|expires_at| LettingIn::Invite { expires_at }),
        (any_token(), line(), any_teams(), instant()).prop_map(|(token, name, scopes, expires_at)| {
            LettingIn::MakeToken { token, name, scopes, expires_at }
        }),
        (any_token(), any::<bool>())
            .prop_map(|(token, is_revoked)| LettingIn::RevokeToken { token, is_revoked }),
        any::<bool>().prop_map(|has_any| LettingIn::RevokeSessions { has_any }),
    ]
}

pub(super) fn any_event() -> impl Strategy<Value = StaffEvent> {
    let teams = || any_teams().prop_map(Vec::from_iter);
    prop_oneof![
        (any_member(), instant())
            .prop_map(|(member, expires_at)| StaffEvent::Invited(Invited { member, expires_at })),
        (any_member(), any_token(), personal(), teams(), instant()).prop_map(
            |(member, token, name, scopes, expires_at)| {
                StaffEvent::TokenMade(Box::new(TokenMade { member, token, name, scopes, expires_at }))
            }
        ),
        (any_member(), any_token())
            .prop_map(|(member, token)| StaffEvent::TokenRevoked(TokenRevoked { member, token })),
        any_member().prop_map(|member| StaffEvent::SessionsRevoked(SessionsRevoked { member })),
    ]
}
