"""The page's own networks, of every activation and scaling, compared with Keras."""

from pathlib import Path
from typing import get_args

import numpy as np
import pytest

from digits.config.models import Training
from digits.evaluation.inference import read_layers
from digits.report.networks import as_data

SCRIPT = Path(__file__).parents[2] / "workflow" / "report" / "page" / "network.js"
IMAGES = np.random.default_rng(1).integers(0, 256, (9, 5, 4), dtype=np.uint8)


@pytest.mark.parametrize("activation", get_args(Training.model_fields["activation"].annotation))
def test_a_network_of_any_activation_predicts_as_in_keras(chromium, network, tmp_path, activation):
    model = network.build_network(
        (5, 4), 3, layers=2, nodes=40, dropout=0, seeds=[1, 2, 3],
        activation=activation, scaling=(1 / 127.5, -1.0),
    )  # fmt: skip
    # Numbers that float16 has, in which the page holds them, and outputs on either side of 0.
    model.set_weights([array.astype(np.float16) for array in model.get_weights()])
    network.save_network(model, tmp_path / "a.keras")
    page = chromium.new_page()
    page.add_script_tag(content=f"{SCRIPT.read_text()}; window.Network = Network;")
    found = page.evaluate(
        "([stack, images]) => images.map((pixels) =>"
        " [...Network.predict(Network.read(stack), pixels)])",
        [as_data(read_layers(tmp_path / "a.keras")), IMAGES.reshape(9, -1).tolist()],
    )
    page.close()
    np.testing.assert_allclose(found, model.predict(IMAGES, verbose=0), atol=2e-6)
