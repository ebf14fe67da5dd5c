//! Brings data of an old schema version up to today's, one version at a time.

use serde_json::Value;

/// One step: from a schema version of an event to the next.
#[derive(Clone, Copy)]
pub struct Step {
    /// The stored name.
    pub name: &'static str,
    /// The schema version that the step reads; it writes the next one.
    pub from: u16,
    /// Changes the data. Pure, and total on data of that version.
    pub raise: fn(Value) -> Value,
}

/// Every step there is. Empty until the first event changes its shape; then it only ever grows.
pub const STEPS: &[Step] = &[];

/// Takes data from one schema version to another by the steps between them.
///
/// # Errors
/// When the data is not JSON at all. A missing step leaves the data as it is, and reading it then says what
/// does not fit.
pub fn raise(
    steps: &[Step],
    name: &str,
    from: u16,
    to: u16,
    data: &str,
) -> Result<String, serde_json::Error> {
    let mut value: Value = serde_json::from_str(data)?;
    for version in from..to {
        if let Some(step) = steps.iter().find(|step| step.name == name && step.from == version) {
            value = (step.raise)(value);
        }
    }
    serde_json::to_string(&value)
}

#[cfg(test)]
mod tests {
    use super::*;

    const TWO_STEPS: &[Step] = &[
        Step {
            name: "ticket.opened",
            from: 2,
            raise: |value| serde_json::json!({ "third": value["second"] }),
        },
        Step {
            name: "ticket.opened",
            from: 1,
            raise: |value| serde_json::json!({ "second": value["first"] }),
        },
    ];

    #[test]
    fn old_data_goes_through_each_step_in_order() {
        let raised = raise(TWO_STEPS, "ticket.opened", 1, 3, r#"{"first":7}"#).unwrap();
        assert_eq!(raised, r#"{"third":7}"#);
        let raised = raise(TWO_STEPS, "ticket.opened", 2, 3, r#"{"second":7}"#).unwrap();
        assert_eq!(raised, r#"{"third":7}"#);
    }

    #[test]
    fn there_is_exactly_one_step_between_each_two_schema_versions() {
        for (name, current) in super::super::CONTRACT {
            for from in 1..*current {
                let steps = STEPS.iter().filter(|step| step.name == *name && step.from == from).count();
                assert_eq!(steps, 1, "{name} {from}");
            }
        }
    }
}
