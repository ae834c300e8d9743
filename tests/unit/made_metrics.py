"""The design of some trials, and the metrics of one of them."""

from digits.core.design import Design

DESIGN = Design({"layers": (2, 3, 5, 10), "nodes": (20, 100)}, folds=(0, 1), seeds=(422,))
RESULTS = (
    "layers,nodes,fold,seed,epochs,training_seconds,cpu_seconds,accuracy,val_accuracy,val_loss,"
    "best_epoch,best_val_accuracy,parameters,images_per_second,device"
)


def metrics(layers=2, nodes=100, fold=0, seed=422, **others):
    trial = {"layers": layers, "nodes": nodes, "fold": fold, "seed": seed}
    values = dict.fromkeys(RESULTS.split(","), 1.5) | {"device": "CPU", "threads": 1}
    values |= {"epochs": 10, "best_epoch": 10, "images_per_second": 1000, "parameters": 99}
    values |= dict.fromkeys(("accuracy", "val_accuracy", "best_val_accuracy"), 0.5)
    return values | trial | others
