"""Environment variables: those that change results are removed or recorded, others stay."""

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digits.core import environment
from digits.core.environment import (
    DETERMINISTIC,
    FOREIGN,
    HARMLESS,
    KEPT,
    PREFIXES,
    RECORDED,
    for_jobs,
    for_plots,
    for_training,
    foreign,
)

OTHERS = {
    "PATH": "/bin", "HOME": "/users/a", "CUDA_VISIBLE_DEVICES": "1", "CUDA_HOME": "/usr/cuda",
    "LD_LIBRARY_PATH": "/lib", "TMPDIR": "/tmp", "DIGITS_RUN": "1", "LANG": "C",
}  # fmt: skip
MEASURED = (
    "TF_ENABLE_ONEDNN_OPTS", "TF_DETERMINISTIC_OPS", "TF_XLA_FLAGS", "ONEDNN_MAX_CPU_ISA",
    "TF_ONEDNN_ASSUME_FROZEN_WEIGHTS", "TF_FUNCTION_JIT_COMPILE_DEFAULT", "DNNL_MAX_CPU_ISA",
    "KERAS_NNX_ENABLED",
)  # fmt: skip
"""Variables that were seen to change the weights of a training, or to end it."""

texts = st.text(st.characters(codec="ascii", exclude_characters="\0="), min_size=1, max_size=8)
ambient = st.builds(str.__add__, st.sampled_from(PREFIXES), texts).filter(
    lambda name: name not in HARMLESS | RECORDED | {"TF_CPP_MIN_LOG_LEVEL"}
)


@pytest.mark.parametrize("name", [*MEASURED, "NVIDIA_TF32_OVERRIDE", "CUBLAS_WORKSPACE_CONFIG"])
def test_what_changes_a_training_is_removed(name):
    assert name not in for_training(OTHERS | {name: "1"})


@given(st.dictionaries(ambient, texts), st.dictionaries(texts, texts))
def test_no_variable_of_the_libraries_changes_the_environment_of_a_training(noise, rest):
    rest = {name: value for name, value in rest.items() if not name.startswith(PREFIXES)}
    quiet = for_training(rest)
    assert for_training(noise | rest) == quiet
    assert rest.items() <= quiet.items()
    assert for_training(quiet) == quiet


@given(st.dictionaries(st.sampled_from(sorted(HARMLESS | RECORDED)), texts))
def test_what_only_decides_about_logging_and_memory_stays_and_so_does_what_is_recorded(given):
    settled = for_training(OTHERS | given)
    theirs = given.pop("XLA_FLAGS", "").split()
    assert given.items() <= settled.items()
    # What comes last counts.
    assert settled["XLA_FLAGS"].split() == [*theirs, DETERMINISTIC]
    assert for_training(settled) == settled


def test_keras_finds_no_settings_in_its_home_and_writes_none():
    settled = for_training(OTHERS | {"KERAS_HOME": "/users/a/.keras", "KERAS_BACKEND": "jax"})
    assert (settled["KERAS_HOME"], settled["KERAS_BACKEND"]) == (os.devnull, "tensorflow")


def test_only_what_is_left_to_the_user_and_may_change_results_is_recorded():
    flags = {"XLA_FLAGS": "--xla_gpu_cuda_data_dir=/usr/cuda"}
    assert environment.recorded(OTHERS | flags | {"TF_GPU_ALLOCATOR": "a"}) == flags
    assert environment.recorded(OTHERS) == {}
    # It is the same in the process of a training, which has added its own.
    assert environment.recorded(for_training(OTHERS)) == {}
    assert environment.recorded(for_training(OTHERS | flags)) == flags


def test_matplotlib_is_told_of_no_settings_and_keeps_a_folder_that_is_named_for_it(tmp_path):
    hostile = OTHERS | {"MPLBACKEND": "nonsense", "MATPLOTLIBRC": "/users/a/matplotlibrc"}
    fixed = {"MPLBACKEND": "agg", "MATPLOTLIBRC": os.devnull}
    assert for_plots(hostile, None) == OTHERS | fixed
    cache = {"MPLCONFIGDIR": str(tmp_path)}
    assert for_plots(hostile, tmp_path) == OTHERS | fixed | cache
    assert for_plots(hostile | {"MPLCONFIGDIR": "/a"}, tmp_path)["MPLCONFIGDIR"] == "/a"


def test_caches_go_to_the_working_folder_only_where_the_home_cannot_be_written(
    tmp_path, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    assert environment.own_cache("numba") is None
    monkeypatch.setenv("HOME", str(tmp_path / "nowhere"))
    own = tmp_path / ".snakemake/caches/numba"
    assert environment.own_cache("numba") == own
    monkeypatch.setattr(Path, "home", no_home)
    assert environment.own_cache("numba") == own
    assert list(tmp_path.iterdir()) == []


def no_home():
    raise RuntimeError("Could not determine home directory.")


def test_the_environment_of_the_process_becomes_the_one_that_is_given(monkeypatch):
    before = dict(os.environ)
    monkeypatch.setenv("TF_DETERMINISTIC_OPS", "1")
    environment.settle(before | {"DIGITS_TEST": "1"})
    assert dict(os.environ) == before | {"DIGITS_TEST": "1"}
    environment.settle(before)
    assert dict(os.environ) == before


python_settings = st.builds(str.__add__, st.sampled_from(FOREIGN), st.just("") | texts).filter(
    lambda name: name not in KEPT and not name.startswith("PYTHON_")
)


@given(st.dictionaries(python_settings, texts), st.sampled_from([None, Path("/env/bin/python")]))
def test_jobs_have_no_settings_of_the_account_s_python_and_numpy(noise, interpreter):
    settled = for_jobs(noise | OTHERS, interpreter)
    assert settled == for_jobs(OTHERS, interpreter) == for_jobs(settled, interpreter)
    assert OTHERS.items() - {("PATH", "/bin")} <= settled.items()


def test_jobs_do_not_inherit_the_backend_of_a_notebook():
    backend = {"MPLBACKEND": "module://matplotlib_inline.backend_inline"}
    assert for_jobs(OTHERS | backend, None) == for_jobs(OTHERS, None)


@pytest.mark.parametrize("given", [{}, {"PYTHONUTF8": "0", "LC_ALL": "xx_XX.UTF-8"}])
def test_jobs_read_paths_and_texts_as_utf_8_under_any_locale(given):
    assert for_jobs(given, None)["PYTHONUTF8"] == "1"


@pytest.mark.parametrize("path", ["/bin:/env/bin", "/env/bin:/bin", "/bin"])
def test_the_interpreter_of_the_run_is_found_first(path):
    assert for_jobs({"PATH": path}, Path("/env/bin/python"))["PATH"] == "/env/bin:/bin"
    assert for_jobs({"PATH": path}, None)["PATH"] == path


@pytest.mark.parametrize(
    "name",
    ["PYTHONPATH", "PYTHONSAFEPATH", "PYTHONDEVMODE", "BASH_ENV", "NPY_DISABLE_CPU_FEATURES"],
)
def test_what_changes_any_job_is_removed(name):
    assert name not in for_jobs(OTHERS | {name: "1"}, None)


@pytest.mark.parametrize("name", ["PYTHONUNBUFFERED", "PYTHON_VERSION", "NUMBA_CACHE_DIR"])
def test_what_changes_no_job_stays_and_is_not_mentioned(name):
    assert for_jobs(OTHERS | {name: "1"}, None)[name] == "1"
    assert foreign({name: "1"}) == []


def test_what_jobs_do_without_is_named_if_it_is_set():
    given = {"PYTHONPATH": "/a", "PYTHONWARNINGS": "", "NUMBA_DEBUG": "1", "NUMBA_CACHE_DIR": "/a"}
    assert foreign(given) == ["NUMBA_DEBUG", "PYTHONPATH"]
    assert foreign(OTHERS) == []
