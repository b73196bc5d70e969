//! Which pending previews are typed together: an agent reads several in one turn.

use crate::ports::storage::PendingDelivery;
use crate::preview;

/// How many characters of previews are joined; a longer preview is typed by itself. Ten short ones fit, and the turn that
/// reads them stays small.
const MOST_JOINED: usize = 4_000;

/// Groups what is pending into what is typed together, in order. What has `begun` stands in the composer as one text already,
/// so it is a group of its own.
pub(super) fn batches(
    begun: Vec<PendingDelivery>,
    fresh: Vec<PendingDelivery>,
    max_text_len: usize,
) -> Vec<Vec<PendingDelivery>> {
    let mut batches = Vec::new();
    if !begun.is_empty() {
        batches.push(begun);
    }
    let mut joined = usize::MAX;
    for pending in fresh {
        let length = preview::preview(&pending.task, max_text_len, "").chars().count();
        joined = joined.saturating_add(length);
        match batches.last_mut() {
            Some(batch) if joined <= MOST_JOINED => batch.push(pending),
            _ => {
                joined = length;
                batches.push(vec![pending]);
            }
        }
    }
    batches
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::delivery::{DeliveryState, DeliveryStatus};
    use crate::task::examples::waiting;

    fn pending(id: i64, state: DeliveryState, length: usize) -> PendingDelivery {
        PendingDelivery { task: waiting(id, &"x".repeat(length)), status: DeliveryStatus::plain(state) }
    }

    fn grouped(begun: &[(i64, usize)], fresh: &[(i64, usize)], max_text_len: usize) -> Vec<Vec<i64>> {
        let all =
            |tasks: &[(i64, usize)], state| tasks.iter().map(|&(id, length)| pending(id, state, length)).collect();
        let batches = batches(all(begun, DeliveryState::Typed), all(fresh, DeliveryState::Held), max_text_len);
        batches.iter().map(|batch| batch.iter().map(|pending| pending.task.id.get()).collect()).collect()
    }

    #[test]
    fn short_previews_are_joined_in_order_up_to_a_limit() {
        assert_eq!(grouped(&[], &[(1, 5), (2, 5), (3, 5)], 200), [vec![1, 2, 3]]);
        assert_eq!(grouped(&[], &[(1, 900), (2, 900), (3, 2_500), (4, 5)], 10_000), [vec![1, 2], vec![3, 4]]);
        assert_eq!(grouped(&[], &[(1, 5_000), (2, 5_000), (3, 5)], 10_000), [vec![1], vec![2], vec![3]]);
        assert_eq!(grouped(&[], &[(1, 5_000), (2, 5_000)], 20), [vec![1, 2]], "what counts is what is typed");
        assert!(grouped(&[], &[], 200).is_empty());
    }

    #[test]
    fn what_stands_in_the_composer_is_a_group_of_its_own() {
        assert_eq!(grouped(&[(1, 5), (2, 5)], &[(3, 5), (4, 5)], 200), [vec![1, 2], vec![3, 4]]);
        assert_eq!(grouped(&[(2, 5)], &[], 200), [vec![2]]);
    }
}
