"""Leave TensorFlow out of a process whose model uses none of it.

Rasa imports TensorFlow in every process that trains or serves, whatever the model is made of: measured
here, 4 s of 6.4 s of imports and 258 of 431 MB when serving, 12 s of 18 s when training. Our pipeline
has no component that computes with it. `leave_out()` registers, before Rasa is imported, an empty
stand-in for each of the Rasa modules that would import it:

- two modules of training helpers for TensorFlow, which Rasa imports wherever entities are featurised;
- the modules of the components built on TensorFlow, which Rasa lists by name when it trains.

A stand-in offers the same class names; making an object of such a class raises TensorFlowLeftOut. Call
`names_tensorflow` on a pipeline or a model's metadata first: a pipeline that does use such a component is
served as stock Rasa serves it.
"""

from __future__ import annotations

import sys
import types
from typing import Any, NoReturn

HELPERS = {
    "rasa.utils.tensorflow.callback": ("RasaTrainingLogger", "RasaModelCheckpoint"),
    "rasa.utils.tensorflow.data_generator": ("RasaDataGenerator", "RasaBatchDataGenerator"),
}
COMPONENTS = {
    "rasa.nlu.classifiers.diet_classifier": ("DIETClassifier",),
    "rasa.nlu.selectors.response_selector": ("ResponseSelector",),
    "rasa.nlu.featurizers.dense_featurizer.convert_featurizer": ("ConveRTFeaturizer",),
    "rasa.nlu.featurizers.dense_featurizer.lm_featurizer": ("LanguageModelFeaturizer",),
    "rasa.core.policies.ted_policy": ("TEDPolicy",),
    "rasa.core.policies.unexpected_intent_policy": ("UnexpecTEDIntentPolicy",),
}


class TensorFlowLeftOut(Exception):
    """Something that needs TensorFlow was used in a process that left it out."""


def names_tensorflow(text: str) -> bool:
    """Whether a pipeline (config.yml) or a model's metadata names a component built on TensorFlow."""
    return any(name in text for names in COMPONENTS.values() for name in names)


def leave_out() -> bool:
    """Register the stand-ins; False, and nothing done, in a process that has loaded TensorFlow already."""
    if "tensorflow" in sys.modules:
        return False
    for module_name, class_names in (HELPERS | COMPONENTS).items():
        if module_name not in sys.modules:
            sys.modules[module_name] = _stand_in(module_name, class_names)
    return True


def _stand_in(module_name: str, class_names: tuple[str, ...]) -> types.ModuleType:
    module = types.ModuleType(module_name, "A stand-in, see wence.without_tensorflow.")
    for name in class_names:
        setattr(module, name, _stand_in_class(module_name, name))
    return module


def _stand_in_class(module_name: str, name: str) -> type:
    def refuse(*_: Any, **__: Any) -> NoReturn:
        raise TensorFlowLeftOut(f"{name} needs TensorFlow, which this process has left out")

    makers = {"__init__": refuse, "create": staticmethod(refuse), "load": staticmethod(refuse)}
    return type(name, (), {"__module__": module_name, **makers})
