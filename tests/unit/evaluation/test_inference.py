"""Inference in NumPy: the same probabilities as Keras, from files that cannot run code."""

import io
import zipfile
from typing import get_args

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from digits.config.models import Training
from digits.core.errors import DataError
from digits.core.intermediate_files import ADVICE
from digits.data.image_tables import ImageTable
from digits.evaluation.inference import (
    ACTIVATIONS,
    predict_probabilities,
    read_network,
    softmax,
)

IMAGES = np.random.default_rng(1).integers(0, 256, (50, 5, 4), dtype=np.uint8)
REFUSAL = rf"^\S+/\S+\.keras: [^\n]+{ADVICE}$"


def test_probabilities_are_those_of_keras(saved_network):
    model, path = saved_network
    found = predict_probabilities(read_network(path), ImageTable(IMAGES))
    expected = model.predict(IMAGES, verbose=0)
    assert (found.dtype, found.shape) == (np.float32, (50, 3))
    assert expected.std(axis=0).min() > 0.01  # else this would compare constants
    np.testing.assert_allclose(found, expected, atol=2e-6)


@pytest.mark.parametrize(("layers", "shape"), [(1, (5, 4)), (12, (5, 4)), (2, (5, 4, 3))])
def test_layers_are_taken_in_their_order_however_many_in_grey_and_colour(
    network, tmp_path, layers, shape
):
    model = network.build_network(
        shape, 3, layers=layers, nodes=6, dropout=0.1, seeds=list(range(layers + 1))
    )
    network.save_network(model, tmp_path / "a.keras")
    images = np.random.default_rng(1).integers(0, 256, (50, *shape), dtype=np.uint8)
    found = predict_probabilities(read_network(tmp_path / "a.keras"), ImageTable(images))
    np.testing.assert_allclose(found, model.predict(images, verbose=0), atol=2e-6)


@pytest.mark.parametrize("activation", get_args(Training.model_fields["activation"].annotation))
def test_every_activation_is_that_of_keras(network, activation):
    import keras

    values = np.concatenate([np.linspace(-30, 30, 4001), [0, -1e30, 1e30, -100, 100]])
    values = values.astype(np.float32)[None]
    found = ACTIVATIONS[activation](values)
    assert found.dtype == np.float32
    np.testing.assert_allclose(found, keras.activations.get(activation)(values), 1e-6, 1e-6)


@pytest.mark.parametrize("activation", ["gelu", "selu"])
@pytest.mark.parametrize("scaling", [(1 / 127.5, -1.0), (0.013, -0.42)])
def test_a_network_of_any_activation_and_scaling_predicts_as_in_keras(
    network, tmp_path, activation, scaling
):
    model = network.build_network(
        (5, 4), 3, layers=2, nodes=7, dropout=0.1, seeds=[1, 2, 3],
        activation=activation, scaling=scaling,
    )  # fmt: skip
    network.save_network(model, tmp_path / "a.keras")
    found = predict_probabilities(read_network(tmp_path / "a.keras"), ImageTable(IMAGES))
    np.testing.assert_allclose(found, model.predict(IMAGES, verbose=0), atol=2e-6)


def test_a_file_as_keras_itself_saves_it_is_read(saved_network, tmp_path):
    model, path = saved_network
    model.save(tmp_path / "a.keras")
    found = predict_probabilities(read_network(tmp_path / "a.keras"), ImageTable(IMAGES))
    assert found.tolist() == predict_probabilities(read_network(path), ImageTable(IMAGES)).tolist()


def test_a_network_for_images_of_another_size_is_refused(saved_network):
    network = read_network(saved_network[1])
    expected = f"expected a network for 16 pixels, found one for 20{ADVICE}$"
    with pytest.raises(DataError, match=expected):
        network(IMAGES[:, :4])


@pytest.mark.parametrize("batch", [1, 7, 50, 51])
def test_images_are_predicted_in_batches_and_stay_in_order(monkeypatch, batch):
    sizes = []

    def network(images):
        sizes.append(len(images))
        return images.reshape(len(images), -1)[:, :2].astype(np.float32)

    monkeypatch.setattr("digits.data.image_tables.CHUNK", batch)
    found = predict_probabilities(network, ImageTable(IMAGES))
    assert found.tolist() == IMAGES[:, 0, :2].tolist()
    assert max(sizes) <= batch and sum(sizes) == 50


def test_softmax_is_that_of_its_definition_and_does_not_overflow():
    values = np.array([[0.0, np.log(3)], [1000, 1000], [-1e30, 1e30]])
    np.testing.assert_allclose(softmax(values), [[0.25, 0.75], [0.5, 0.5], [0, 1]])


@pytest.fixture(scope="module")
def foreign(network, tmp_path_factory):
    """Files of networks that the project does not make, by name."""
    import keras

    def sequential(*layers):
        return keras.Sequential([keras.Input((5, 4), dtype="uint8"), *layers])

    def skipping():
        start = keras.Input((5, 4))
        flat = keras.layers.Flatten()(start)
        return keras.Model(start, flat + keras.layers.Dense(20)(flat))

    dense = keras.layers.Dense
    flatten = keras.layers.Flatten()
    models = {
        "Lambda": sequential(flatten, keras.layers.Lambda(lambda x: x + 1), dense(3)),
        "LayerNormalization": sequential(flatten, keras.layers.LayerNormalization()),
        "sigmoid": sequential(flatten, dense(3, "sigmoid")),
        "bias": sequential(flatten, dense(3, "relu", use_bias=False)),
        "skipping": skipping(),
        "channels": sequential(keras.layers.Flatten("channels_first"), dense(3)),
    }
    folder = tmp_path_factory.mktemp("foreign")
    for name, model in models.items():
        model.save(folder / f"{name}.keras")
    return folder


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("Lambda", "unknown layer 'Lambda'"),
        ("LayerNormalization", "unknown layer 'LayerNormalization'"),
        ("sigmoid", "'sigmoid'"),
        ("bias", "object '1' doesn't exist"),
        ("channels", "pixels are not in the order of the image"),
        ("skipping", "its layers do not follow one another"),
    ],
)
def test_a_network_that_the_project_does_not_make_is_refused(foreign, name, reason):
    with pytest.raises(DataError, match=REFUSAL) as caught:
        read_network(foreign / f"{name}.keras")
    assert reason in str(caught.value)


def archive(**members):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as file:
        for name, content in members.items():
            file.writestr(name.replace("_json", ".json").replace("_h5", ".h5"), content)
    return buffer.getvalue()


@pytest.mark.parametrize(
    "content",
    [
        archive(),
        archive(config_json="[]"),
        archive(config_json='{"class_name": "Sequential", "config": {"layers": ["Dense"]}}'),
        archive(config_json="[" * 100_000),
        archive(
            config_json='{"class_name": "Sequential", "config": {"layers": []}}',
            **{"model.weights_h5": "no HDF5"},
        ),
    ],
    ids=["bare", "list", "text", "deep", "no HDF5"],
)  # fmt: skip
def test_what_is_no_network_is_refused_by_name(tmp_path, content):
    (tmp_path / "a.keras").write_bytes(content)
    with pytest.raises(DataError, match=REFUSAL):
        read_network(tmp_path / "a.keras")


def test_a_file_cut_short_anywhere_is_refused(saved_network, tmp_path):
    content = saved_network[1].read_bytes()
    for size in range(0, len(content), len(content) // 50):
        (tmp_path / "a.keras").write_bytes(content[:size])
        with pytest.raises(DataError, match=REFUSAL):
            read_network(tmp_path / "a.keras")


@given(position=st.integers(0, 10**9), bit=st.integers(0, 7))
@settings(max_examples=200, deadline=None)
def test_a_flipped_bit_is_refused_or_changes_nothing(saved_network, position, bit):
    content = bytearray(saved_network[1].read_bytes())
    content[position % len(content)] ^= 1 << bit
    path = saved_network[1].with_name("flipped.keras")
    path.write_bytes(content)
    try:
        found = predict_probabilities(read_network(path), ImageTable(IMAGES))
    except DataError as error:
        assert "\n" not in str(error)
    else:
        expected = predict_probabilities(read_network(saved_network[1]), ImageTable(IMAGES))
        assert found.tolist() == expected.tolist()
