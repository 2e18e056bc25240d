"""Everything that is made once and shared by all sessions."""

import logging
import secrets
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import streamlit as st

from mnist_app.errors import AppError
from mnist_app.learning.inference.model_card import ModelCard
from mnist_app.learning.inference.shipped import CLASSIFIER, DETECTOR, SHIPPED
from mnist_app.settings import Settings
from mnist_app.ui.server.start_settings import server_settings
from mnist_app.ui.server.trusted_proxies import TrustedProxies
from mnist_app.ui.shared.evaluation_job import EvaluationJob
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


# The store's library takes a third of a second to import, which the first page need not wait for:
# hence the imports within the functions.


@st.cache_resource(show_spinner=False)
def settings() -> Settings:
    """Return the settings that the server was started with."""
    return server_settings()


@st.cache_resource(show_spinner=False)
def trusted_proxies() -> TrustedProxies:
    """Return the proxies that may say whom they pass on.

    Raises:
        InvalidSetting: The setting is malformed.
    """
    return TrustedProxies.read(settings().trusted_proxies)


@st.cache_resource(show_spinner=False, on_release=lambda store: store.close())
def store() -> "Store":
    """The store of runs; raises `StorageUnavailable`."""
    from mnist_app.workspace.runs.run_store import Store

    return Store(settings())


@st.cache_resource(show_spinner=False)
def queue() -> "Queue":
    """The queue of runs; raises `StorageUnavailable`."""
    from mnist_app.workspace.runs.queue import Limits, Queue

    limits = Limits(waiting_per_address=settings().most_waiting_per_address)
    return Queue(store(), limits, class_settings=class_settings)


@st.cache_resource(show_spinner=False)
def origins() -> Origins:
    """What tells the tabs and addresses of waiting runs apart.

    Streamlit's secret is the one that is set for all servers, else a random one of this process.
    """
    return Origins(st.config.get_option("server.cookieSecret") or secrets.token_hex())


def class_settings() -> ClassSettings:
    """What the teacher has set, at most two seconds old; nothing while there is no teacher's code."""
    return ClassSettings() if settings().teacher_code is None else kept_class_settings()


@st.cache_resource(ttl=2, show_spinner=False)
def kept_class_settings() -> ClassSettings:
    """What the store has; the defaults where that cannot be read, so that the pages still open."""
    from mnist_app.workspace.classroom.class_settings_store import read_class_settings

    try:
        return read_class_settings(store().database)
    except AppError as error:
        logger.warning("The settings of the class cannot be read, and nothing is forbidden: %s", error)
        return ClassSettings()


def keep_class_settings(new: ClassSettings) -> None:
    """Let these settings hold from now on; raises `StorageUnavailable`."""
    from mnist_app.workspace.classroom.class_settings_store import keep_class_settings

    keep_class_settings(store().database, new)
    kept_class_settings.clear()


@st.cache_resource(show_spinner=False)
def teacher_access() -> TeacherAccess | None:
    """Who compares codes with the teacher's; None where there is none."""
    code = settings().teacher_code
    return TeacherAccess(code, is_connected) if code else None


@st.cache_resource(show_spinner=False)
def presence() -> Presence:
    """Who is here."""
    return Presence(is_connected)


@st.cache_resource(show_spinner=False)
def drawings() -> "Drawings":
    """The class's drawings; raises `StorageUnavailable`."""
    from mnist_app.workspace.drawings.drawing_store import Drawings

    return Drawings(store().database)


def people() -> "People":
    """The names of those who make runs and drawings; raises `StorageUnavailable`."""
    from mnist_app.workspace.classroom.people import People

    return People(store().database)


@st.cache_resource(show_spinner=False)
def model_files() -> "ModelFiles":
    """The files of runs; raises `InvalidSetting`."""
    from mnist_app.workspace.runs.model_files import ModelFiles

    return ModelFiles.of(settings())


@st.cache_resource(show_spinner=False)
def supervisor() -> "WorkerSupervisor":
    """Whoever sees to it that a worker trains what is in the queue."""
    from mnist_app.workspace.workers.supervisor import WorkerSupervisor

    return WorkerSupervisor(settings())


def end_worker() -> None:
    """End the worker, if there is one, and wait until it has ended."""
    supervisor().stop()


@st.cache_resource(show_spinner=False, max_entries=2)
def dataset(name: str) -> "Dataset":
    """A data set that is here already; raises `DatasetUnavailable`."""
    from mnist_app.learning.data.datasets import load_dataset

    return load_dataset(name, settings(), allow_download=False)


@st.cache_resource(show_spinner=False)
def shipped_card() -> ModelCard:
    """The card of the model that ships.

    Raises:
        ModelUnavailable: the card is missing or damaged.
    """
    return CLASSIFIER.card()


@st.cache_resource(show_spinner=False)
def recogniser() -> Recogniser:
    """The shipped model's recogniser; not loaded before it is started."""
    return Recogniser(shipped_classifier, digit_detector)


@st.cache_resource(show_spinner=False)
def shipped_classifier() -> "Classifier":
    """The shipped model; loaded here.

    Raises:
        ModelUnavailable: it, or its card, is missing or damaged.
    """
    from mnist_app.learning.inference.classifier import Classifier

    return Classifier.load(CLASSIFIER.checked_file())


@st.cache_resource(show_spinner=False)
def digit_detector() -> "DigitDetector":
    """What says whether a drawing is a digit at all, whichever model says which; loaded here.

    Raises:
        ModelUnavailable: it, or its card, is missing or damaged.
    """
    from mnist_app.learning.inference.digit_detector import DigitDetector

    return DigitDetector.load(DETECTOR.checked_file(), shipped_classifier())


@st.cache_resource(show_spinner=False, max_entries=40, on_release=Recogniser.close)
def recogniser_of_run(run_id: str, sha256: str | None) -> Recogniser:
    """The recogniser of a run's model as of one moment, which the file's digest names.

    A class of thirty, each drawing with a network of their own, has them all at hand.
    """

    def load() -> "NetworkOfMany":
        run = store().run(run_id)
        return shared_network(run.config.preset).with_weights(model_files().load_weights(run))

    return Recogniser(load, digit_detector)


@st.cache_resource(show_spinner=False)
def shared_network(preset: str) -> "SharedNetwork":
    """The one in memory that answers for all runs of a preset; raises `UnknownName`."""
    from mnist_app.learning.inference.shared_network import SharedNetwork
    from mnist_app.learning.networks.batch_norm_folding import fold
    from mnist_app.learning.training.presets import build_model

    return SharedNetwork(fold(build_model(preset)))


@st.cache_resource(show_spinner=False)
def evaluations() -> "Evaluations":
    """What models answered on test sets."""
    from mnist_app.workspace.runs.test_answers import Evaluations

    return Evaluations(settings().home)


@st.cache_resource(show_spinner=False, max_entries=8)
def evaluation_of(model: str, sha256: str, dataset_name: str) -> EvaluationJob:
    """The evaluation of a model, `shipped` or a run's, on a data set's test images; begun at once."""

    def find_recogniser() -> Recogniser:
        return recogniser() if model == SHIPPED else recogniser_of_run(model, sha256)

    return EvaluationJob(lambda: dataset(dataset_name), find_recogniser, evaluations(), sha256)


@st.cache_resource(show_spinner=False, max_entries=2, on_release=TrainingRecogniser.close)
def training_recogniser(run_id: str) -> TrainingRecogniser:
    """The recogniser of a run that has no model yet: its network as of the last whole epoch."""
    return TrainingRecogniser(lambda: store().run(run_id), model_files())


@st.cache_resource(show_spinner=False)
def layers_of(preset: str) -> "list[LayerSummary]":
    """The layers of a preset's network, from the network itself, built once."""

    def build() -> "list[LayerSummary]":
        from mnist_app.learning.networks.layer_summary import summarise
        from mnist_app.learning.training.presets import build_model

        return summarise(build_model(preset))

    with ThreadPoolExecutor(max_workers=1) as thread:
        return thread.submit(build).result()
