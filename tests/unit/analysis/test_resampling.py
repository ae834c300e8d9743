import numpy as np
import pytest
from scipy import stats
from sklearn.datasets import make_moons
from sklearn.model_selection import RepeatedStratifiedKFold, cross_val_score
from sklearn.svm import SVC

from digits.analysis.estimate import ALPHA
from digits.analysis.resampling import corrected_t, over_images

pytestmark = pytest.mark.filterwarnings("error")

# R's data set "sleep" (Student 1908), and what R's documentation of t.test prints for it:
# t = -4.0621, df = 9, p-value = 0.002833, interval -2.4598858 to -0.7001142
SLEEP = np.array([0.7, -1.6, -0.2, -1.2, -0.1, 3.4, 3.7, 0.8, 0.0, 2.0]) - np.array(
    [1.9, 0.8, 1.1, 0.1, -0.1, 4.4, 5.5, 1.6, 4.6, 3.4]
)


@pytest.mark.parametrize("test", [over_images, lambda values: corrected_t(values, 0)])
def test_t_test_is_that_of_student(test):
    found = test(SLEEP)
    assert found.estimate == pytest.approx(-1.58)
    assert found.statistic == pytest.approx(-4.0621, abs=5e-5)
    assert found.df == 9
    assert found.p == pytest.approx(0.002833, abs=5e-7)
    assert (found.low, found.high) == pytest.approx((-2.4598858, -0.7001142), abs=5e-8)


def test_the_t_test_over_images_is_that_of_scipy_to_the_bit():
    generator = np.random.default_rng(5)
    for count in (2, 3, 50, 8400):
        values = generator.integers(-1, 2, count) / 3 + np.arange(count) % 2
        theirs = stats.ttest_1samp(values, 0.0)
        for comparisons in (0.5, 1, 15):
            ours = over_images(values, comparisons)
            interval = theirs.confidence_interval(1 - ALPHA / comparisons)
            assert (ours.statistic, ours.p) == (theirs.statistic, theirs.pvalue)
            assert (ours.low, ours.high) == (interval.low, interval.high)


def test_corrected_t_is_that_of_scikit_learn():
    # scikit-learn's example "Statistical comparison of models using grid search", by its own
    # implementation of Nadeau and Bengio: corrected t 0.750, one-sided p 0.227; without the
    # correction 2.611 and 0.005
    images, labels = make_moons(noise=0.352, random_state=1, n_samples=100)
    folds = RepeatedStratifiedKFold(n_splits=10, n_repeats=10, random_state=0)
    rbf, linear = (
        cross_val_score(SVC(kernel=kernel), images, labels, cv=folds, scoring="roc_auc")
        for kernel in ("rbf", "linear")
    )
    found = corrected_t(rbf - linear, 10 / 90)
    assert found.statistic == pytest.approx(0.750, abs=5e-4)
    assert found.p / 2 == pytest.approx(0.227, abs=5e-4)
    assert found.df == 99
    assert corrected_t(rbf - linear, 0).statistic == pytest.approx(2.611, abs=1e-3)


def test_joint_intervals_are_those_of_a_smaller_level():
    found = corrected_t(SLEEP, 0.25, comparisons=3)
    error = SLEEP.std(ddof=1) * np.sqrt(1 / 10 + 0.25)
    reach = stats.t.isf(0.05 / 6, 9) * error
    assert (found.low, found.high) == pytest.approx((-1.58 - reach, -1.58 + reach))
    assert found.p == corrected_t(SLEEP, 0.25).p
    wide, narrow = over_images(SLEEP, comparisons=3), over_images(SLEEP)
    assert wide.high - wide.low > 1.2 * (narrow.high - narrow.low)


@pytest.mark.parametrize("test", [over_images, lambda values: corrected_t(values, 0.25)])
def test_values_without_a_spread_have_no_interval(test):
    assert np.isnan(test(np.array([0.5])).low)
    same = test(np.full(3, 0.1))
    assert same.estimate == pytest.approx(0.1)
    assert np.isnan([same.low, same.high, same.p]).all()
    assert test(np.zeros(4)).p == 1


def differences(generator, folds: int, true: float = 0.0) -> np.ndarray:
    """Differences of two learners by fold, correlated as Nadeau and Bengio take them to be."""
    share = 1 / folds  # of a fold among all images
    common = np.sqrt(share) * generator.normal()
    return true + common + np.sqrt(1 - share) * generator.normal(size=folds)


def test_corrected_t_gives_false_alarms_as_often_as_it_says_and_the_plain_one_far_more():
    generator = np.random.default_rng(4)
    alike = [differences(generator, 5) for _ in range(4000)]
    corrected = np.mean([corrected_t(values, 1 / 4).p < 0.05 for values in alike])
    plain = np.mean([corrected_t(values, 0).p < 0.05 for values in alike])
    assert 0.04 < corrected < 0.06
    assert plain > 0.1
    unlike = [differences(generator, 5, true=5.0) for _ in range(300)]
    assert np.mean([corrected_t(values, 1 / 4).p < 0.05 for values in unlike]) > 0.9


def of_neighbours(generator, images: int = 60, folds: int = 5) -> np.ndarray:
    """Differences by fold of two learners that are equally good: the nearest neighbour by either of
    two sets of features that tell as much of the class.
    """
    truth = np.arange(images) % 2
    features = generator.normal(size=(2, images, 8)) + 0.3 * truth[:, None]
    place = generator.permutation(images) % folds
    found = []
    for test in (place == fold for fold in range(folds)):
        apart = ((features[:, test, None] - features[:, None, ~test]) ** 2).sum(axis=3)
        right = truth[~test][apart.argmin(axis=2)] == truth[test]
        found.append(right[0].mean() - right[1].mean())
    return np.array(found)


def test_corrected_t_gives_false_alarms_as_often_as_it_says_in_a_cross_validation():
    generator = np.random.default_rng(8)
    alike = [of_neighbours(generator) for _ in range(1500)]
    assert 0.02 < np.mean([corrected_t(values, 1 / 4).p < 0.05 for values in alike]) < 0.06
    assert np.mean([corrected_t(values, 0).p < 0.05 for values in alike]) > 0.08


def test_images_seen_by_several_networks_count_once():
    generator = np.random.default_rng(5)
    once, pooled, seen = [], [], []
    for _ in range(1000):
        # What sets two cells apart on an image is the same for all three seeds, nearly.
        image = generator.normal(size=(600, 1))
        seeds = np.sign(image + 0.3 * generator.normal(size=(600, 3))) * (np.abs(image) > 1.5)
        once.append(over_images(seeds.mean(axis=1)).p < 0.05)
        pooled.append(over_images(seeds.ravel()).p < 0.05)
        seen.append(over_images(seeds.mean(axis=1) + 0.06).p < 0.05)
    assert 0.03 < np.mean(once) < 0.07
    assert np.mean(pooled) > 0.15
    assert np.mean(seen) > 0.8
