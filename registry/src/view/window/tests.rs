use proptest::{collection::btree_map, prelude::*};
use roaring::RoaringBitmap;

use super::*;
use crate::snapshot::order::{NumberOrder, walk_sets};

/// Numbers of records by id; `None` where the number is unknown.
type Numbers = std::collections::BTreeMap<i64, Option<i64>>;

/// The three ways in which a list by a number is read.
#[derive(Clone, Copy, Debug)]
enum Way {
    Sorted,
    Walked,
    AlongSets,
}

const WAYS: [Way; 3] = [Way::Sorted, Way::Walked, Way::AlongSets];
const DIRECTIONS: [Direction; 2] = [Direction::Ascending, Direction::Descending];

fn window(way: Way, numbers: &Numbers, listed: &Selection, direction: Direction, slice: Slice) -> Window {
    match way {
        Way::Sorted => {
            sorted(listed, direction, slice, |id| Key::Number(numbers.get(&id).copied().flatten()))
        }
        Way::Walked => {
            let order = NumberOrder::build(numbers.iter().map(|(id, number)| (*id, *number)));
            walked(listed, slice, |start| order.walk(direction, start))
        }
        Way::AlongSets => {
            let mut sets = std::collections::BTreeMap::<Option<i64>, RoaringBitmap>::new();
            for (id, number) in numbers {
                sets.entry(*number).or_default().insert(*id as u32);
            }
            let sets: Vec<_> = sets.iter().map(|(number, set)| (*number, set)).collect();
            walked(listed, slice, |start| walk_sets(&sets, listed.bits(), direction, start))
        }
    }
}

/// Reads a list window by window from one of its ends; `change` is called after each.
fn read(
    way: Way,
    (numbers, listed): (&mut Numbers, &mut Selection),
    direction: Direction,
    (count, is_backward): (usize, bool),
    mut change: impl FnMut(&mut Numbers, &mut Selection, Place),
) -> Vec<i64> {
    let (mut from, mut found) = (None, Vec::new());
    loop {
        let asked = Slice { from, count, is_backward };
        let read = window(way, numbers, listed, direction, asked);
        assert_eq!(read.total, listed.len());
        let mut items = read.items;
        let has_more = if is_backward { read.has_previous } else { read.has_next };
        if is_backward {
            items.reverse();
        }
        found.extend(items.iter().map(|place| place.id));
        let Some(last) = items.last().copied().filter(|_| has_more) else { return found };
        from = Some(last);
        change(numbers, listed, last);
    }
}

fn selection(ids: impl Iterator<Item = i64>) -> Selection {
    Selection::new(ids.map(|id| id as u32).collect())
}

fn expected(numbers: &Numbers, listed: &Selection, direction: Direction) -> Vec<i64> {
    let mut ids: Vec<i64> = listed.after(None).collect();
    ids.sort_by_key(|id| match (numbers[id], direction) {
        (Some(number), Direction::Ascending) => (false, number, *id),
        (Some(number), Direction::Descending) => (false, -number, -id),
        (None, Direction::Ascending) => (true, 0, *id),
        (None, Direction::Descending) => (true, 0, -id),
    });
    ids
}

fn numbers() -> impl Strategy<Value = Numbers> {
    btree_map(1_i64..200, prop::option::weighted(0.8, -3_i64..4), 0..60)
}

proptest! {
    #[test]
    fn a_list_has_each_item_once_in_both_directions_and_from_both_ends(
        numbers in numbers(),
        share in 1_i64..4,
        count in 1_usize..9,
    ) {
        let listed = selection(numbers.keys().copied().filter(|id| id % share == 0));
        for (way, direction) in WAYS.into_iter().flat_map(|way| DIRECTIONS.map(|it| (way, it))) {
            let expected = expected(&numbers, &listed, direction);
            let (mut numbers, mut listed) = (numbers.clone(), listed.clone());
            let forward = read(way, (&mut numbers, &mut listed), direction, (count, false), |_, _, _| {});
            prop_assert_eq!(&forward, &expected, "{:?} {:?}", way, direction);
            let mut backward =
                read(way, (&mut numbers, &mut listed), direction, (count, true), |_, _, _| {});
            backward.reverse();
            prop_assert_eq!(&backward, &expected, "{:?} {:?}", way, direction);
        }
    }

    #[test]
    fn a_window_tells_whether_anything_precedes_and_follows_it(
        numbers in numbers(),
        from in (1_i64..200, prop::option::of(-3_i64..4)),
        count in 1_usize..9,
        is_backward in any::<bool>(),
    ) {
        let listed = selection(numbers.keys().copied().filter(|id| id % 2 == 0));
        let slice = Slice { from: Some(Place { id: from.0, value: from.1 }), count, is_backward };
        for direction in DIRECTIONS {
            let all = expected(&numbers, &listed, direction);
            for way in WAYS {
                let window = window(way, &numbers, &listed, direction, slice);
                let ids: Vec<i64> = window.items.iter().map(|place| place.id).collect();
                let Some(start) = ids.first().map(|first| all.iter().position(|id| id == first)) else {
                    // One side of the window is empty, the other has all items.
                    prop_assert!(!(window.has_previous && window.has_next));
                    prop_assert_eq!(window.has_previous || window.has_next, !all.is_empty());
                    continue;
                };
                let start = start.expect("an item of the list");
                prop_assert_eq!(&all[start..start + ids.len()], &ids[..], "{:?}", way);
                prop_assert_eq!(window.has_previous, start > 0, "{:?}", way);
                prop_assert_eq!(window.has_next, start + ids.len() < all.len(), "{:?}", way);
            }
        }
    }

    #[test]
    fn what_does_not_change_is_read_once_while_the_item_of_the_cursor_moves_or_leaves(
        numbers in numbers(),
        changes in prop::collection::vec(prop::option::of(-3_i64..4), 1..9),
        count in 1_usize..9,
        is_backward in any::<bool>(),
    ) {
        for (way, direction) in WAYS.into_iter().flat_map(|way| DIRECTIONS.map(|it| (way, it))) {
            let listed = selection(numbers.keys().copied());
            let (mut now, mut left) = (numbers.clone(), listed.clone());
            let (mut moved, mut next) = (Vec::new(), changes.iter().cycle());
            let found = read(way, (&mut now, &mut left), direction, (count, is_backward), |now, left, last| {
                moved.push(last.id);
                match next.next().copied().flatten() {
                    Some(number) => _ = now.insert(last.id, Some(number)),
                    None => *left = selection(left.after(None).filter(|id| *id != last.id)),
                }
            });
            let mut expected = expected(&numbers, &listed, direction);
            if is_backward {
                expected.reverse();
            }
            let unmoved = |ids: Vec<i64>| -> Vec<i64> {
                ids.into_iter().filter(|id| !moved.contains(id)).collect()
            };
            prop_assert_eq!(unmoved(found), unmoved(expected), "{:?} {:?}", way, direction);
        }
    }
}

#[test]
fn places_that_no_list_has_are_ends_of_it() {
    let numbers: Numbers = [(1, None), (2, Some(5))].into();
    let listed = selection([1, 2].into_iter());
    for (way, id) in WAYS.into_iter().flat_map(|way| [i64::MIN, -1, i64::MAX].map(|id| (way, id))) {
        for value in [None, Some(i64::MIN), Some(i64::MAX)] {
            for (direction, is_backward) in DIRECTIONS.into_iter().flat_map(|it| [(it, false), (it, true)]) {
                let slice = Slice { from: Some(Place { id, value }), count: 5, is_backward };
                let window = window(way, &numbers, &listed, direction, slice);
                assert!(window.items.len() <= 2, "{way:?} {id} {value:?}");
            }
        }
    }
}
