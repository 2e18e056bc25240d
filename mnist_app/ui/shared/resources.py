"""Objects that are made once and shared by all sessions."""

import logging
import secrets
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import TYPE_CHECKING

import streamlit as st

from mnist_app.errors import AppError
from mnist_app.learning.inference.model_card import ModelCard
from mnist_app.learning.inference.shipped import CLASSIFIER, DETECTOR, SHIPPED
from mnist_app.settings import Settings
from mnist_app.ui.server.start_settings import server_settings
from mnist_app.ui.server.trusted_proxies import TrustedProxies
from mnist_app.ui.shared.evaluation_job import EvaluationJob
from mnist_app.ui.shared.likeness_job import LikenessJob
from mnist_app.ui.shared.presence import Presence, is_connected
from mnist_app.ui.shared.recogniser import Recogniser
from mnist_app.ui.shared.teacher_access import TeacherAccess
from mnist_app.ui.shared.training_recogniser import TrainingRecogniser
from mnist_app.workspace.classroom.class_settings import ClassSettings
from mnist_app.workspace.runs.origins import Origins

if TYPE_CHECKING:
    from mnist_app.learning.data.datasets import Dataset
    from mnist_app.learning.inference.classifier import Classifier
    from mnist_app.learning.inference.digit_detector import DigitDetector
    from mnist_app.learning.inference.shared_network import NetworkOfMany, SharedNetwork
    from mnist_app.learning.networks.layer_summary import LayerSummary
    from mnist_app.workspace.classroom.people import People
    from mnist_app.workspace.drawings.drawing_store import Drawings
    from mnist_app.workspace.runs.model_files import ModelFiles
    from mnist_app.workspace.runs.queue import Queue
    from mnist_app.workspace.runs.run_store import Store
    from mnist_app.workspace.runs.test_answers import Evaluations
    from mnist_app.workspace.workers.supervisor import WorkerSupervisor

logger = logging.getLogger(__name__)


# The store's library takes a third of a second to import. Imports within functions spare the first page that.


@st.cache_resource(show_spinner=False)
def settings() -> Settings:
    """Return the settings that the server was started with."""
    return server_settings()


@st.cache_resource(show_spinner=False)
def trusted_proxies() -> TrustedProxies:
    """Return the proxies whose word on a visitor's address counts.

    Raises:
        InvalidSetting: The setting is malformed.
    """
    return TrustedProxies.read(settings().trusted_proxies)


@st.cache_resource(show_spinner=False, on_release=lambda store: store.close())
def store() -> "Store":
    """Return the store of runs.

    Raises:
        StorageUnavailable: The store cannot be reached.
    """
    from mnist_app.workspace.runs.run_store import Store

    return Store(settings())


@st.cache_resource(show_spinner=False)
def queue() -> "Queue":
    """Return the queue of runs; raise as `store` does."""
    from mnist_app.workspace.runs.queue import Limits, Queue

    limits = Limits(waiting_per_address=settings().most_waiting_per_address)
    return Queue(store(), limits, class_settings=class_settings)


@st.cache_resource(show_spinner=False)
def origins() -> Origins:
    """Return what tells apart the tabs and addresses that submit runs.

    Its secret is Streamlit's, which several servers share if it is set, or else a random one of this process.
    """
    return Origins(st.config.get_option("server.cookieSecret") or secrets.token_hex())


def class_settings() -> ClassSettings:
    """Return the settings of the class, at most two seconds old; the defaults without a teacher's code."""
    return ClassSettings() if settings().teacher_code is None else kept_class_settings()


@st.cache_resource(ttl=2, show_spinner=False)
def kept_class_settings() -> ClassSettings:
    """Return the settings in the store; the defaults where it is away, so that the pages still open."""
    from mnist_app.workspace.classroom.class_settings_store import read_class_settings

    try:
        return read_class_settings(store().database)
    except AppError as error:
        logger.warning("The settings of the class cannot be read, and nothing is forbidden: %s", error)
        return ClassSettings()


def keep_class_settings(new: ClassSettings) -> None:
    """Put new settings of the class into force.

    Raises:
        StorageUnavailable: The store cannot be reached.
    """
    from mnist_app.workspace.classroom.class_settings_store import keep_class_settings

    keep_class_settings(store().database, new)
    kept_class_settings.clear()


@st.cache_resource(show_spinner=False)
def teacher_access() -> TeacherAccess | None:
    """Return the check of the teacher's code; None where there is no code."""
    code = settings().teacher_code
    return TeacherAccess(code, is_connected) if code else None


@st.cache_resource(show_spinner=False)
def presence() -> Presence:
    """Return the tabs in which the app is open."""
    return Presence(is_connected)


@st.cache_resource(show_spinner=False)
def drawings() -> "Drawings":
    """Return the class's drawings; raise as `store` does."""
    from mnist_app.workspace.drawings.drawing_store import Drawings

    return Drawings(store().database)


def people() -> "People":
    """Return the names of the people who make runs and drawings; raise as `store` does."""
    from mnist_app.workspace.classroom.people import People

    return People(store().database)


@st.cache_resource(show_spinner=False)
def model_files() -> "ModelFiles":
    """Return the models of runs, as files.

    Raises:
        InvalidSetting: the folder for them cannot be used.
    """
    from mnist_app.workspace.runs.model_files import ModelFiles

    return ModelFiles.of(settings())


@st.cache_resource(show_spinner=False)
def supervisor() -> "WorkerSupervisor":
    """Return the supervisor, which has a worker train the runs in the queue."""
    from mnist_app.workspace.workers.supervisor import WorkerSupervisor

    return WorkerSupervisor(settings())


def end_worker() -> None:
    """End the worker, if there is one, and wait until it has ended."""
    supervisor().stop()


@st.cache_resource(show_spinner=False, max_entries=2)
def dataset(name: str) -> "Dataset":
    """Return a data set that is on this machine.

    Raises:
        DatasetUnavailable: it is not.
    """
    from mnist_app.learning.data.datasets import load_dataset

    return load_dataset(name, settings(), allow_download=False)


@st.cache_resource(show_spinner=False)
def shipped_card() -> ModelCard:
    """Return the card of the built-in model.

    Raises:
        ModelUnavailable: the card is missing or damaged.
    """
    return CLASSIFIER.card()


@st.cache_resource(show_spinner=False)
def recogniser() -> Recogniser:
    """Return the built-in model's recogniser, which loads nothing before it is started."""
    return Recogniser(shipped_classifier, digit_detector)


@st.cache_resource(show_spinner=False)
def shipped_classifier() -> "Classifier":
    """Load the built-in model.

    Raises:
        ModelUnavailable: it, or its card, is missing or damaged.
    """
    from mnist_app.learning.inference.classifier import Classifier

    return Classifier.load(CLASSIFIER.checked_file())


@st.cache_resource(show_spinner=False)
def digit_detector() -> "DigitDetector":
    """Load the network that tells digits from other drawings, whichever model reads the digits.

    Raises:
        ModelUnavailable: it, or its card, is missing or damaged.
    """
    from mnist_app.learning.inference.digit_detector import DigitDetector

    return DigitDetector.load(DETECTOR.checked_file(), shipped_classifier())


@st.cache_resource(show_spinner=False, max_entries=40, on_release=Recogniser.close)
def recogniser_of_run(run_id: str, sha256: str | None) -> Recogniser:
    """Return the recogniser of a run's model.

    The cache has room for a class of thirty who each draw with a network of their own.

    Args:
        run_id: the run.
        sha256: digest of the model's file, so that another file of the same run gets another recogniser.
    """

    def load() -> "NetworkOfMany":
        run = store().run(run_id)
        return shared_network(run.config.preset).with_weights(model_files().load_weights(run))

    return Recogniser(load, digit_detector)


@st.cache_resource(show_spinner=False)
def shared_network(preset: str) -> "SharedNetwork":
    """Return the one network in memory that answers for all runs of a preset; raise `UnknownName`."""
    from mnist_app.learning.inference.shared_network import SharedNetwork
    from mnist_app.learning.networks.batch_norm_folding import fold
    from mnist_app.learning.training.presets import build_model

    return SharedNetwork(fold(build_model(preset)))


@st.cache_resource(show_spinner=False)
def evaluations() -> "Evaluations":
    """Return the stored answers of models to test images."""
    from mnist_app.workspace.runs.test_answers import Evaluations

    return Evaluations(settings().home)


@st.cache_resource(show_spinner=False, max_entries=8)
def evaluation_of(model: str, sha256: str, dataset_name: str) -> EvaluationJob:
    """Begin the evaluation of a model, `shipped` or a run's, on a data set's test images, and return it."""
    find_recogniser = partial(_recogniser_of, model, sha256)
    return EvaluationJob(partial(dataset, dataset_name), find_recogniser, evaluations(), sha256)


@st.cache_resource(show_spinner=False, max_entries=8)
def likeness_of(model: str, sha256: str, dataset_name: str) -> LikenessJob:
    """Begin to compute a model's features of a data set's test images, and return the job."""
    begin_evaluation = partial(evaluation_of, model, sha256, dataset_name)
    return LikenessJob(begin_evaluation, partial(_recogniser_of, model, sha256), evaluations(), sha256)


def _recogniser_of(model: str, sha256: str) -> Recogniser:
    return recogniser() if model == SHIPPED else recogniser_of_run(model, sha256)


@st.cache_resource(show_spinner=False, max_entries=2, on_release=TrainingRecogniser.close)
def training_recogniser(run_id: str) -> TrainingRecogniser:
    """Return the recogniser of a run that still trains: its network after the last whole epoch."""
    return TrainingRecogniser(lambda: store().run(run_id), model_files())


@st.cache_resource(show_spinner=False)
def layers_of(preset: str) -> "list[LayerSummary]":
    """Build a preset's network, and return its layers."""

    def build() -> "list[LayerSummary]":
        from mnist_app.learning.networks.layer_summary import summarise
        from mnist_app.learning.training.presets import build_model

        return summarise(build_model(preset))

    with ThreadPoolExecutor(max_workers=1) as thread:
        return thread.submit(build).result()
