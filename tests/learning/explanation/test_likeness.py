"""Nearest neighbours and the map of two dimensions, against plain NumPy."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from mnist_app.learning.explanation.likeness import MOST_ALIKE, Features, FlatMap, choose_sample, nearest


def points(seed: int, count: int, width: int, size: float = 1.0) -> NDArray[np.float64]:
    """Features of a layer after ReLU, of which about half are 0."""
    return np.maximum(np.random.default_rng(seed).normal(0, size, (count, width)), 0)


shapes = {"seed": st.integers(0, 1000), "count": st.integers(1, 60), "width": st.integers(1, 20)}


@given(**shapes, size=st.sampled_from([1e-6, 1.0, 1e9]))
def test_distances_are_those_of_plain_numpy_whatever_the_size(
    seed: int, count: int, width: int, size: float
) -> None:
    features = Features.pack(points(seed, count, width, size))
    wanted = points(seed + 1, 1, width, size)[0]
    exact = np.linalg.norm(features.unpack(np.arange(count)) - wanted, axis=1)
    assert features.distances(wanted) == pytest.approx(exact, rel=1e-4, abs=1e-6 * size)


@given(**shapes)
def test_packing_keeps_three_digits(seed: int, count: int, width: int) -> None:
    given_points = points(seed, count, width)
    features = Features.pack(given_points)
    assert features.values.dtype == np.float16
    assert features.unpack(np.arange(count)) == pytest.approx(given_points, abs=1e-3 * features.scale)


def test_many_pictures_are_as_exact_as_few() -> None:
    features, wanted = Features.pack(points(0, 2_345, 7)), points(1, 1, 7)[0]
    exact = np.linalg.norm(features.unpack(np.arange(2_345)) - wanted, axis=1)
    assert features.distances(wanted) == pytest.approx(exact, rel=1e-4)
    assert set(nearest(features.distances(wanted))) == set(np.argsort(exact)[:MOST_ALIKE])


def test_the_nearest_come_first_and_ties_by_number() -> None:
    assert nearest(np.array([3.0, 1.0, 2.0, 1.0, 3.0]), 4).tolist() == [1, 3, 2, 0]


def test_fewer_pictures_than_wanted_all_count() -> None:
    assert nearest(np.array([2.0, 1.0])).tolist() == [1, 0]
    assert nearest(np.array([5.0])).tolist() == [0]


def test_a_dead_layer_has_all_pictures_equally_near() -> None:
    features = Features.pack(np.zeros((12, 4)))
    assert features.distances(np.zeros(4)).tolist() == [0] * 12
    assert nearest(features.distances(np.zeros(4))).tolist() == list(range(10))


@given(seed=st.integers(0, 1000), count=st.integers(3, 60), width=st.integers(2, 20))
def test_the_map_is_that_of_the_singular_value_decomposition(seed: int, count: int, width: int) -> None:
    some = np.random.default_rng(seed).normal(0, np.arange(1, width + 1), (count, width))
    flat = FlatMap.fit(some)
    _, sizes, directions = np.linalg.svd(some - some.mean(axis=0), full_matrices=False)
    exact = (some - some.mean(axis=0)) @ directions[:2].T
    signs = np.sign((exact * flat.place(some)).sum(axis=0))
    assert flat.place(some) * signs == pytest.approx(exact, abs=1e-6)
    assert flat.share == pytest.approx((sizes[:2] ** 2).sum() / (sizes**2).sum())


@given(**shapes)
def test_a_map_only_shortens_distances(seed: int, count: int, width: int) -> None:
    some = points(seed, count, width)
    places = FlatMap.fit(some).place(some)
    for first, second in zip(range(count), range(1, count), strict=False):
        on_map = np.linalg.norm(places[first] - places[second])
        assert on_map <= np.linalg.norm(some[first] - some[second]) + 1e-9


def test_a_map_is_never_mirrored() -> None:
    some = points(3, 50, 6)
    assert FlatMap.fit(some[::-1]).axes == pytest.approx(FlatMap.fit(some).axes, abs=1e-9)


@pytest.mark.parametrize("width", [1, 5])
def test_one_point_lies_in_the_middle(width: int) -> None:
    flat = FlatMap.fit(np.ones((1, width)))
    assert flat.place(np.ones((1, width))).tolist() == [[0, 0]]
    assert flat.share == 1


def test_one_feature_has_no_second_direction() -> None:
    flat = FlatMap.fit(np.array([[0.0], [2.0], [4.0]]))
    assert flat.place(np.array([[0.0], [2.0], [4.0]])).tolist() == [[-2, 0], [0, 0], [2, 0]]
    assert flat.share == 1


def test_the_sample_is_the_same_each_time_and_of_all_parts() -> None:
    sample = choose_sample(10_000, 2_000)
    assert sample.tolist() == choose_sample(10_000, 2_000).tolist()
    assert len(set(sample.tolist())) == 2_000 and sample.min() < 100 and sample.max() >= 9_900
    assert choose_sample(7, 2_000).tolist() == list(range(7))
