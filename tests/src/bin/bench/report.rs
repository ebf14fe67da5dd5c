//! The table of figures, and the same as JSON.

use serde::Serialize;

/// One figure.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Figure {
    section: String,
    name: String,
    value: f64,
    unit: &'static str,
    /// The bare limit, in the same unit.
    #[serde(skip_serializing_if = "Option::is_none")]
    bare: Option<f64>,
    /// Value by bare.
    #[serde(skip_serializing_if = "Option::is_none")]
    ratio: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    target: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    met: Option<bool>,
}

/// What a figure must reach.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Target {
    /// The ratio to bare must be at least this.
    RatioAtLeast(f64),
    /// The ratio to bare must be at most this.
    RatioAtMost(f64),
    /// The value must be at least this.
    AtLeast(f64),
    /// The value must be at most this.
    AtMost(f64),
}

/// All figures so far.
pub(crate) struct Report {
    section: String,
    figures: Vec<Figure>,
}

impl Report {
    pub(crate) fn new() -> Self {
        Self { section: String::new(), figures: Vec::new() }
    }

    pub(crate) fn begin(&mut self, section: &str) {
        section.clone_into(&mut self.section);
        println!("\n{section}");
        println!("  {:44} {:>14} {:>14} {:>7}  target", "", "docket", "bare", "ratio");
    }

    /// A figure that stands by itself.
    pub(crate) fn plain(&mut self, name: &str, value: f64, unit: &'static str, target: Option<Target>) {
        self.add(name, value, unit, None, target);
    }

    /// A figure beside the bare limit.
    pub(crate) fn beside(
        &mut self,
        name: &str,
        value: f64,
        bare: f64,
        unit: &'static str,
        target: Option<Target>,
    ) {
        self.add(name, value, unit, Some(bare), target);
    }

    fn add(&mut self, name: &str, value: f64, unit: &'static str, bare: Option<f64>, target: Option<Target>) {
        let ratio = bare.map(|bare| value / bare);
        let met = target.map(|target| match target {
            Target::RatioAtLeast(least) => ratio.is_some_and(|ratio| ratio >= least),
            Target::RatioAtMost(most) => ratio.is_some_and(|ratio| ratio <= most),
            Target::AtLeast(least) => value >= least,
            Target::AtMost(most) => value <= most,
        });
        let target = target.map(|target| match target {
            Target::RatioAtLeast(least) => format!("≥ {least}"),
            Target::RatioAtMost(most) => format!("≤ {most} ×"),
            Target::AtLeast(least) => format!("≥ {} {unit}", grouped(least)),
            Target::AtMost(most) => format!("≤ {} {unit}", grouped(most)),
        });
        let shown = |value: Option<f64>| value.map_or(String::new(), grouped);
        let ratio_shown = ratio.map_or(String::new(), |ratio| format!("{ratio:.2}"));
        let mark = match met {
            Some(true) => "ok",
            Some(false) => "MISSED",
            None => "",
        };
        println!(
            "  {:44} {:>14} {:>14} {ratio_shown:>7}  {} {mark}",
            format!("{name}, {unit}"),
            grouped(value),
            shown(bare),
            target.as_deref().unwrap_or_default(),
        );
        let (section, name) = (self.section.clone(), name.to_owned());
        self.figures.push(Figure { section, name, value, unit, bare, ratio, target, met });
    }

    pub(crate) fn to_json(&self) -> String {
        serde_json::to_string_pretty(&self.figures).expect("figures are plain numbers and words")
    }

    /// Says how many targets were met.
    pub(crate) fn end(&self) {
        let with_target = self.figures.iter().filter_map(|figure| figure.met).count();
        let missed: Vec<&Figure> = self.figures.iter().filter(|figure| figure.met == Some(false)).collect();
        println!("\n{} of {with_target} targets met", with_target - missed.len());
        for figure in missed {
            println!("  missed: {}: {}", figure.section, figure.name);
        }
    }
}

/// A number with its thousands apart, and decimals only where it is small.
fn grouped(value: f64) -> String {
    if value.abs() < 100.0 {
        return format!("{value:.3}");
    }
    let digits = format!("{:.0}", value.abs());
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    if value < 0.0 { format!("-{text}") } else { text }
}
