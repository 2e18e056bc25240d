"""The class's networks in order: each person's best, and nothing compared that cannot be."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import insert

from mnist_app.learning.training.configuration import TrainingConfig
from mnist_app.workspace.runs.leaderboard import Standing, find_standings, in_order
from mnist_app.workspace.runs.records import Run, Status
from mnist_app.workspace.runs.run_store import Store
from mnist_app.workspace.storage.tables import fine_tunings

CONFIG = TrainingConfig(preset="dense", dataset="mnist")


def finished(store: Store, owner: str, accuracy: float | None, dataset: str = "mnist") -> Run:
    lease = store.start(replace(CONFIG, dataset=dataset), "test", owner=owner)
    store.finish(lease, Status.FINISHED, test_accuracy=accuracy)
    return store.run(lease.run_id)


def test_each_person_has_one_place_and_the_earlier_of_equals_the_better(store: Store) -> None:
    finished(store, "ada", 0.97)
    best_of_ada = finished(store, "ada", 0.99)
    equal = finished(store, "bob", 0.99)
    last = finished(store, "cy", 0.5)
    finished(store, "dee", None)
    store.finish(store.start(CONFIG, "test", owner="eve"), Status.STOPPED, test_accuracy=1.0)
    finished(store, "fay", 1.0, "synthetic")
    order = in_order(find_standings(store), "mnist")
    assert [each.run.id for each in order] == [best_of_ada.id, equal.id, last.id]


def test_what_a_fine_tuning_was_measured_on_counts_once_it_is_done(store: Store) -> None:
    done, begun, plain = (finished(store, owner, 0.98) for owner in ("ada", "bob", "cy"))
    measured = {
        "held_out_by": "person",
        "people": 4,
        "people_held_out": 1,
        "drawings": 60,
        "drawings_held_out": 20,
        "right_before": 14,
        "test_accuracy_before": 0.99,
    }
    with store.writing() as connection:
        for run, right_after in ((done, 17), (begun, None)):
            values = {**measured, "run": run.number, "right_after": right_after}
            connection.execute(insert(fine_tunings).values(**values))
    standings = find_standings(store)
    assert {each.run.id: each.on_drawings for each in standings} == {
        done.id: 0.85,
        begun.id: None,
        plain.id: None,
    }
    assert [each.run.id for each in in_order(standings, "mnist", "drawings")] == [done.id]


@given(st.lists(st.tuples(st.sampled_from("abcde"), st.floats(0, 1)), max_size=30))
def test_nobody_stands_twice_nor_below_somebody_worse(made: list[tuple[str, float]]) -> None:
    standings = [Standing(_run(number, owner), share, None) for number, (owner, share) in enumerate(made)]
    order = in_order(standings, "mnist")
    assert [each.run.owner for each in order] == list(dict.fromkeys(each.run.owner for each in order))
    assert {each.run.owner for each in order} == {owner for owner, _ in made}
    assert [each.on_test for each in order] == sorted((each.on_test for each in order), reverse=True)
    assert all(
        each.on_test == max(share for owner, share in made if owner == each.run.owner) for each in order
    )


def _run(number: int, owner: str) -> Run:
    """A run of which nothing else matters."""
    return Run.model_construct(number=number, owner=owner, configuration=CONFIG.to_dict())
