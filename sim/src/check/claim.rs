//! Whether a run met what its scenario expects of it.

use super::Verdict;
use crate::scenario::expect::Claim;

/// Why a claim is not met, in a sentence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unmet(pub String);

/// Judges a claim by the verdicts at the end of a run, and by whether its pattern was seen: in
/// this run for `eventually` and `never`, in any run that the file's seeds made for `sometimes`.
/// For a check it does not matter what was seen.
///
/// # Errors
///
/// Why the claim is not met.
pub fn judge(claim: &Claim, verdicts: &[Verdict], seen: bool) -> Result<(), Unmet> {
    let unmet = |says: String| Err(Unmet(says));
    match claim {
        Claim::Check { check, holds } => {
            let name = check.name();
            let verdict = verdicts.iter().find(|verdict| verdict.check == *check);
            let Some(verdict) = verdict else {
                return unmet(format!("{name} was not checked"));
            };
            match &verdict.violation {
                None if *holds => Ok(()),
                Some(_) if !*holds => Ok(()),
                None => unmet(format!("{name} should be violated, and it holds")),
                Some(found) => unmet(format!("{name}: {} (at {})", found.says, found.at)),
            }
        }
        Claim::Sometimes(_) | Claim::Eventually(_) if seen => Ok(()),
        Claim::Sometimes(_) => unmet("never seen in any run: the scenario shows nothing".into()),
        Claim::Eventually(_) => unmet("not seen by the end of the run".into()),
        Claim::Never(_) if seen => unmet("seen, and it must never be".into()),
        Claim::Never(_) => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::Violation;
    use crate::event::EventId;
    use crate::scenario::expect::Check;

    #[test]
    fn a_check_is_met_when_it_is_as_the_scenario_says() {
        let violated = Some(Violation {
            at: EventId { step: 9, n: 3 },
            messages: Vec::new(),
            says: "shop/1 is gone".into(),
        });
        let check = Check::NoAcknowledgedLoss;
        let verdict = |violation| [Verdict { check, violation }];
        let claim = |holds| Claim::Check { check, holds };
        assert_eq!(judge(&claim(true), &verdict(None), false), Ok(()));
        assert_eq!(
            judge(&claim(false), &verdict(violated.clone()), false),
            Ok(())
        );
        let says = |claim, verdicts: &[Verdict]| judge(&claim, verdicts, false).unwrap_err().0;
        assert_eq!(
            says(claim(true), &verdict(violated)),
            "no-acknowledged-loss: shop/1 is gone (at 9.3)"
        );
        assert_eq!(
            says(claim(false), &verdict(None)),
            "no-acknowledged-loss should be violated, and it holds"
        );
        assert_eq!(
            says(claim(true), &[]),
            "no-acknowledged-loss was not checked"
        );
    }

    #[test]
    fn a_pattern_is_met_when_it_was_seen_as_often_as_it_should() {
        let pattern = crate::scenario::pattern::Pattern::default;
        for (claim, seen, met) in [
            (Claim::Sometimes(pattern()), true, true),
            (Claim::Sometimes(pattern()), false, false),
            (Claim::Eventually(pattern()), true, true),
            (Claim::Eventually(pattern()), false, false),
            (Claim::Never(pattern()), true, false),
            (Claim::Never(pattern()), false, true),
        ] {
            assert_eq!(judge(&claim, &[], seen).is_ok(), met, "{claim:?} {seen}");
        }
    }
}
