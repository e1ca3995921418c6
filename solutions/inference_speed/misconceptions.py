"""Known wrong answers of `inference_speed`: what people write, and the sentence that helps them.

Each entry's code, after PRELUDE, is a submission of that one contract.
"""

from autograder.misconceptions import Misconception

PRELUDE = """
import copy

import numpy as np
import torch
import torch.nn.functional as F

def _fill(lengths, budget, order, cost):
    lengths = np.asarray(lengths, dtype=np.int64)
    if budget < 1 or (lengths < 0).any():
        raise ValueError("budget must be at least 1, and no length negative")
    batches, batch = [], []
    for i in order(lengths):
        if batch and cost(lengths[[*batch, i]]) > budget:
            batches.append(np.array(batch))
            batch = []
        batch.append(int(i))
    return batches, batch

def _padded(lengths):
    return len(lengths) * lengths.max()

def _by_length(lengths):
    return np.argsort(-lengths, kind="stable")

def _batches(lengths, budget, order=_by_length, cost=_padded):
    batches, last = _fill(lengths, budget, order, cost)
    return [*batches, np.array(last)] if last else batches

def _encode(texts, encode_batch, batches, ordered=True):
    if not len(texts):
        return np.zeros((0, 0))
    rows = [np.asarray(encode_batch([texts[i] for i in batch])) for batch in batches]
    vectors = np.zeros((len(texts), rows[0].shape[1]), rows[0].dtype)
    if not ordered:
        vectors[: sum(map(len, rows))] = np.concatenate(rows)
        return vectors
    for batch, part in zip(batches, rows):
        vectors[batch] = part
    return vectors

def _weight(w, levels=127, largest=None, cut=False, stored=torch.int8):
    w = w.detach()
    largest = w.abs().amax(1, keepdim=True) if largest is None else largest(w)
    step = largest / levels
    step = step.where(step > 0, 1.0)
    codes = w / step
    codes = codes.trunc() if cut else codes.round()
    return codes.to(torch.int32).to(stored), step.squeeze()

def _activation(x, low=None, high=None, levels=255, cut=False, clamp=True, whole=True,
                stored=torch.uint8):
    low = x.amin(-1).clamp(max=0) if low is None else low(x)
    high = x.amax(-1).clamp(min=0) if high is None else high(x)
    scale = (high - low) / levels
    scale = scale.where(scale > 0, 1.0)
    zero_point = -low / scale
    zero_point = zero_point.round() if whole else zero_point
    codes = x / scale[..., None]
    codes = (codes.floor() if cut else codes.round()) + zero_point[..., None]
    codes = codes.clamp(0, 255) if clamp else codes
    codes = codes.round().to(torch.int32).to(stored)
    return codes, scale, zero_point.to(torch.int32) if whole else zero_point

def quantize_activation(x):
    return _activation(x)

def _linear(x, w_q, w_scale, bias, parts=None, zero=1, wrap=None):
    q, scale, zero_point = parts or quantize_activation(x)
    codes, weights = q.to(torch.float64), w_q.to(torch.float64)
    total = codes @ weights.T - zero * zero_point[..., None] * weights.sum(1)
    if wrap is not None:
        total = total.to(torch.int64).to(wrap).to(torch.float64)
    y = total.float() * scale[..., None] * w_scale
    return y if bias is None else y + bias

def _prune(w_in, b_in, w_out, keep, importance):
    kept = importance.topk(keep).indices
    return w_in[kept], b_in[kept], w_out[:, kept]

def _measured(call, clock, warmup, repeats):
    if repeats < 1:
        raise ValueError("repeats must be at least 1")
    durations = []
    for _ in range(warmup + repeats):
        start = clock()
        call()
        durations.append(clock() - start)
    return durations[:warmup], durations[warmup:]

def _summary(durations, percentiles=None, throughput=None):
    percentiles = np.percentile(durations, [50, 95, 99]) if percentiles is None else percentiles
    total = sum(durations)
    if throughput is None:
        throughput = len(durations) / total if total else float("inf")
    names = ("p50", "p95", "p99", "throughput")
    return {name: float(value) for name, value in zip(names, [*percentiles, throughput])}
"""

# an encoder of which parts can be exchanged, for wrong answers of the gate
_ENCODER = """
def _fast(model, tokenizer, batches=None, length=None, back=True, unit=True):
    @torch.inference_mode()
    def encode(texts):
        tokens = tokenizer(texts)
        lengths = [len(ids) for ids in tokens]
        rows = np.empty((len(texts), 384), np.float32)
        done = 0
        for batch in _batches(lengths, 256) if batches is None else batches(lengths):
            longest = length or max(lengths[i] for i in batch)
            ids = torch.full((len(batch), longest), tokenizer.pad_id)
            for row, i in zip(ids, batch):
                row[: lengths[i]] = torch.tensor(tokens[i])
            mask = torch.arange(longest) < torch.tensor([[lengths[i]] for i in batch])
            states = model(ids, mask.long())
            part = (states * mask[..., None]).sum(1) / mask.sum(1, keepdim=True)
            part = F.normalize(part, dim=1) if unit else part
            rows[batch if back else slice(done, done + len(batch))] = part.numpy()
            done += len(batch)
        return rows
    return encode
"""

MISCONCEPTIONS = [
    # ------------------------------------------------------------------ token_batches
    Misconception(
        "token_batches",
        "last_batch_dropped",
        "Texts are lost: the batch that was still open at the end of your loop never got into the "
        "list. Append it after the loop.",
        """
def token_batches(lengths, budget):
    return _fill(lengths, budget, _by_length, _padded)[0]
""",
    ),
    Misconception(
        "token_batches",
        "budget_counts_real_tokens",
        "You counted the texts' own tokens. The model works on the padded rectangle, and memory holds "
        "it: count the number of texts times the longest.",
        """
def token_batches(lengths, budget):
    # shortest first, so that the batch's longest is the text that comes last
    return _batches(lengths, budget, lambda lengths: np.argsort(lengths), lambda part: part.sum())
""",
    ),
    Misconception(
        "token_batches",
        "budget_counts_texts",
        "You took the budget for a number of texts. It counts tokens: texts times the longest of them.",
        """
def token_batches(lengths, budget):
    return _batches(lengths, budget, cost=len)
""",
    ),
    Misconception(
        "token_batches",
        "not_sorted",
        "You filled batches in the order in which the texts came. One long text among short ones makes "
        "the whole batch long: sort by length first.",
        """
def token_batches(lengths, budget):
    return _batches(lengths, budget, lambda lengths: np.arange(len(lengths)))
""",
    ),
    # ------------------------------------------------------------------ encode_texts
    Misconception(
        "encode_texts",
        "order_lost",
        "The vectors are right, but in the order of your batches: each now belongs to another text. "
        "Write every batch's rows to the positions of its texts.",
        """
def encode_texts(texts, encode_batch, lengths, budget):
    return _encode(texts, encode_batch, _batches(lengths, budget), ordered=False)
""",
    ),
    Misconception(
        "encode_texts",
        "last_batch_lost",
        "Some texts were never encoded: a batch was dropped on the way, most likely the last one, which "
        "is not full.",
        """
def encode_texts(texts, encode_batch, lengths, budget):
    batches = _batches(lengths, budget)
    return _encode(texts, encode_batch, batches[:-1] or batches)
""",
    ),
    Misconception(
        "encode_texts",
        "budget_of_real_tokens",
        "You counted the texts' own tokens against the budget. What the model gets is padded to the "
        "longest: count the number of texts times the longest.",
        """
def encode_texts(texts, encode_batch, lengths, budget):
    order = lambda lengths: np.argsort(lengths)
    return _encode(texts, encode_batch, _batches(lengths, budget, order, lambda part: part.sum()))
""",
    ),
    # ------------------------------------------------------------------ quantize_weight
    Misconception(
        "quantize_weight",
        "one_scale_per_tensor",
        "All rows share one step. A single large weight then makes it coarse for every output: take the "
        "largest absolute value of each row, over dim=1.",
        """
def quantize_weight(w):
    q, scale = _weight(w, largest=lambda w: w.abs().max().reshape(1, 1))
    return q, scale.expand(len(w))
""",
    ),
    Misconception(
        "quantize_weight",
        "scale_over_the_wrong_axis",
        "You have a step for each column. The sum of a layer runs along the columns of a row, so steps "
        "that differ within a row cannot be taken out of it: one step per row, over dim=1.",
        """
def quantize_weight(w):
    return _weight(w, largest=lambda w: w.abs().amax(0, keepdim=True))
""",
    ),
    Misconception(
        "quantize_weight",
        "cut_off_instead_of_rounded",
        "Your codes are cut off towards zero. That doubles the largest error, and shrinks every weight: "
        "`.round()` before the cast.",
        """
def quantize_weight(w):
    return _weight(w, cut=True)
""",
    ),
    Misconception(
        "quantize_weight",
        "divided_by_128",
        "You divided by 128. The largest weight becomes code +128, which int8 does not have: it wraps "
        "around to -128 and changes its sign. Divide by 127.",
        """
def quantize_weight(w):
    return _weight(w, levels=128)
""",
    ),
    Misconception(
        "quantize_weight",
        "four_bits",
        "Your codes go up to 7: these are four bits in the space of eight. The largest absolute value of "
        "a row becomes 127.",
        """
def quantize_weight(w):
    return _weight(w, levels=7)
""",
    ),
    Misconception(
        "quantize_weight",
        "stored_as_float",
        "Your codes are whole numbers stored as floats ('fake' quantisation): it costs the quality, and "
        "saves no byte. Cast them to torch.int8.",
        """
def quantize_weight(w):
    return _weight(w, stored=torch.float32)
""",
    ),
    # ------------------------------------------------------------------ quantize_activation
    Misconception(
        "quantize_activation",
        "one_range_per_tensor",
        "All tokens share one range. One token with an outlier then leaves the others a handful of "
        "codes, and a text's vector depends on its neighbours in the batch: take each token's own.",
        """
def quantize_activation(x):
    def low(x):
        return x.min().clamp(max=0).expand(x.shape[:-1])
    def high(x):
        return x.max().clamp(min=0).expand(x.shape[:-1])
    return _activation(x, low, high)
""",
    ),
    Misconception(
        "quantize_activation",
        "range_over_the_wrong_axis",
        "You have a range for each channel, over the tokens. It cannot be taken out of the sum over "
        "channels: the range runs along the last axis, for each token.",
        """
def quantize_activation(x):
    q, scale, zero_point = _activation(x.reshape(-1, x.shape[-1]).T)
    return q.T.reshape(x.shape), scale, zero_point
""",
    ),
    Misconception(
        "quantize_activation",
        "activation_cut_off",
        "Your codes are cut off instead of rounded: on average every value comes back half a step beside "
        "itself, always to the same side, and a sum over hundreds of them shows it. Round first.",
        """
def quantize_activation(x):
    return _activation(x, cut=True)
""",
    ),
    Misconception(
        "quantize_activation",
        "range_without_zero",
        "Your range goes from the lowest to the highest value, and may lie beside 0. Then real 0.0 has no "
        "code, and the zero point leaves 0..255: widen the range to hold 0.",
        """
def quantize_activation(x):
    return _activation(x, lambda x: x.amin(-1), lambda x: x.amax(-1))
""",
    ),
    Misconception(
        "quantize_activation",
        "divided_by_256",
        "You cut the range into 256 steps. There are 256 codes, and 255 steps between them: the highest "
        "value would need code 256, which wraps around to 0.",
        """
def quantize_activation(x):
    return _activation(x, levels=256, clamp=False)
""",
    ),
    Misconception(
        "quantize_activation",
        "codes_not_clamped",
        "Rounding may push the highest value to code 256 (or the lowest to -1), and uint8 wraps around: "
        "the largest activation becomes the smallest. Clamp to 0..255 before the cast.",
        """
def quantize_activation(x):
    return _activation(x, clamp=False)
""",
    ),
    Misconception(
        "quantize_activation",
        "zero_point_not_whole",
        "Your zero point is not a whole number, so that real 0.0 has no code of its own. Round it, and "
        "store it as int32.",
        """
def quantize_activation(x):
    return _activation(x, whole=False)
""",
    ),
    Misconception(
        "quantize_activation",
        "symmetric_activations",
        "Your range is symmetric. Activations are not: after a GELU half of the codes would stand for "
        "values that never occur. Let code 0 be the lowest value, and 255 the highest.",
        """
def quantize_activation(x):
    largest = lambda x: x.abs().amax(-1)
    return _activation(x, lambda x: -largest(x), largest)
""",
    ),
    Misconception(
        "quantize_activation",
        "four_bit_activations",
        "You cut the range into 15 steps: these are four bits in the space of eight. There are 255.",
        """
def quantize_activation(x):
    return _activation(x, levels=15)
""",
    ),
    Misconception(
        "quantize_activation",
        "activation_stored_as_float",
        "Your codes are whole numbers stored as floats ('fake' quantisation): no byte is saved, and no "
        "integer kernel can take them. Cast them to torch.uint8.",
        """
def quantize_activation(x):
    return _activation(x, stored=torch.float32)
""",
    ),
    # ------------------------------------------------------------------ quantized_linear
    Misconception(
        "quantized_linear",
        "correction_forgotten",
        "You multiplied the codes as they are. Code 0 stands for the lowest value, not for 0.0: subtract "
        "the zero point from every code, or zero_point times the sum of each row of w_q from the result.",
        """
def quantized_linear(x, w_q, w_scale, bias):
    return _linear(x, w_q, w_scale, bias, zero=0)
""",
    ),
    Misconception(
        "quantized_linear",
        "correction_added",
        "You added the zero-point correction. x is about (code - zero_point) * step: it is subtracted.",
        """
def quantized_linear(x, w_q, w_scale, bias):
    return _linear(x, w_q, w_scale, bias, zero=-1)
""",
    ),
    Misconception(
        "quantized_linear",
        "int16_accumulator",
        "Your sums wrap around. One product of two codes takes up to 16 bits, and a sum of thousands 27: "
        "add up in int32, int64 or float64.",
        """
def quantized_linear(x, w_q, w_scale, bias):
    return _linear(x, w_q, w_scale, bias, wrap=torch.int16)
""",
    ),
    Misconception(
        "quantized_linear",
        "bias_in_eight_bits",
        "You quantised the bias to eight bits. It is a handful of numbers that costs nothing to keep, and "
        "its error goes straight into every output: add it as it is.",
        """
def quantized_linear(x, w_q, w_scale, bias):
    if bias is not None:
        step = bias.abs().max() / 127
        bias = (bias / step).round() * step
    return _linear(x, w_q, w_scale, bias)
""",
    ),
    Misconception(
        "quantized_linear",
        "bias_scaled",
        "You added the bias before the steps were multiplied in, so that it was scaled along. It is in the "
        "units of the output: add it last.",
        """
def quantized_linear(x, w_q, w_scale, bias):
    _, scale, _ = quantize_activation(x)
    return _linear(x, w_q, w_scale, None if bias is None else bias * scale[..., None] * w_scale)
""",
    ),
    Misconception(
        "quantized_linear",
        "tokens_share_a_range",
        "All tokens share one range here, so that small ones are left a handful of codes. Quantise each "
        "token by itself.",
        """
def quantized_linear(x, w_q, w_scale, bias):
    def low(x):
        return x.min().clamp(max=0).expand(x.shape[:-1])
    def high(x):
        return x.max().clamp(min=0).expand(x.shape[:-1])
    return _linear(x, w_q, w_scale, bias, _activation(x, low, high))
""",
    ),
    Misconception(
        "quantized_linear",
        "activations_not_quantised",
        "You multiplied the activations in full precision by the restored weight. That saves memory, but "
        "the arithmetic is as slow as before: quantise x, and compute on codes.",
        """
def quantized_linear(x, w_q, w_scale, bias):
    y = x.double() @ (w_q.double() * w_scale[:, None]).T
    return (y if bias is None else y + bias).float()
""",
    ),
    # ------------------------------------------------------------------ prune_ffn
    Misconception(
        "prune_ffn",
        "output_norm_ignored",
        "You chose units by the weights that they read by alone. A unit that nobody reads is worth "
        "nothing: multiply by the norm of its column of w_out.",
        """
def prune_ffn(w_in, b_in, w_out, keep):
    return _prune(w_in, b_in, w_out, keep, w_in.norm(dim=1))
""",
    ),
    Misconception(
        "prune_ffn",
        "input_norm_ignored",
        "You chose units by the weights that read them alone. Multiply by the norm of the unit's row of "
        "w_in.",
        """
def prune_ffn(w_in, b_in, w_out, keep):
    return _prune(w_in, b_in, w_out, keep, w_out.norm(dim=0))
""",
    ),
    Misconception(
        "prune_ffn",
        "norms_added",
        "You added the two norms. What passes through a unit is scaled by both, one after the other: "
        "multiply them.",
        """
def prune_ffn(w_in, b_in, w_out, keep):
    return _prune(w_in, b_in, w_out, keep, w_in.norm(dim=1) + w_out.norm(dim=0))
""",
    ),
    Misconception(
        "prune_ffn",
        "least_important_kept",
        "You kept the units of the smallest importance, and cut the best ones off. Sort the other way.",
        """
def prune_ffn(w_in, b_in, w_out, keep):
    return _prune(w_in, b_in, w_out, keep, -w_in.norm(dim=1) * w_out.norm(dim=0))
""",
    ),
    Misconception(
        "prune_ffn",
        "sides_in_different_orders",
        "The rows of w_in and the columns of w_out that you kept are not those of the same units, or stand "
        "in different orders: index all three with the same positions.",
        """
def prune_ffn(w_in, b_in, w_out, keep):
    kept = (w_in.norm(dim=1) * w_out.norm(dim=0)).topk(keep).indices
    return w_in[kept], b_in[kept], w_out[:, kept.sort().values]
""",
    ),
    # ------------------------------------------------------------------ benchmark
    Misconception(
        "benchmark",
        "warm_up_counted",
        "Your figures hold the warm-up calls. They are slow for reasons that pass, and the tail then shows "
        "nothing else: leave them out of durations and of the sum.",
        """
def benchmark(call, clock, warmup, repeats):
    warm, durations = _measured(call, clock, warmup, repeats)
    return _summary(warm + durations)
""",
    ),
    Misconception(
        "benchmark",
        "mean_for_percentile",
        "Your p50 is the mean. A few slow calls pull it up, and what half of all users see is lost: take "
        "the median.",
        """
def benchmark(call, clock, warmup, repeats):
    _, durations = _measured(call, clock, warmup, repeats)
    p95, p99 = np.percentile(durations, [95, 99])
    return _summary(durations, [np.mean(durations), p95, p99])
""",
    ),
    Misconception(
        "benchmark",
        "no_interpolation",
        "You took a duration that was measured for the percentile. It usually lies between two: go "
        "linearly from one to the other, as `np.percentile` does.",
        """
def benchmark(call, clock, warmup, repeats):
    _, durations = _measured(call, clock, warmup, repeats)
    percentiles = np.percentile(durations, [50, 95, 99], method="lower")
    return _summary(durations, percentiles)
""",
    ),
    Misconception(
        "benchmark",
        "throughput_of_the_median",
        "You turned a typical duration into a throughput. How many calls pass in an hour depends on the "
        "slow ones, too: divide repeats by the sum of all measured durations.",
        """
def benchmark(call, clock, warmup, repeats):
    _, durations = _measured(call, clock, warmup, repeats)
    middle = np.median(durations)
    return _summary(durations, throughput=1 / middle if middle else float("inf"))
""",
    ),
    # ------------------------------------------------------------------ fast_encoder
    Misconception(
        "fast_encoder",
        "padded_beyond_need",
        "Most of what your encoder hands to the model is padding. Make batches of texts of similar "
        "length, and pad each batch to its own longest text only.",
        _ENCODER
        + """
def fast_encoder(model, tokenizer):
    def batches(lengths):
        return np.array_split(np.arange(len(lengths)), -(-len(lengths) // 32))
    return _fast(model, tokenizer, batches, length=tokenizer.max_length)
""",
    ),
    Misconception(
        "fast_encoder",
        "rows_of_other_texts",
        "The vectors are right, but stand in the order of your batches: each belongs to another text. "
        "Write every batch's rows to the positions of its texts.",
        _ENCODER
        + """
def fast_encoder(model, tokenizer):
    return _fast(model, tokenizer, back=False)
""",
    ),
    Misconception(
        "fast_encoder",
        "vectors_not_normalised",
        "Your vectors do not have length 1. A dot product of two of them is then no cosine: divide each by "
        "its Euclidean norm.",
        _ENCODER
        + """
def fast_encoder(model, tokenizer):
    return _fast(model, tokenizer, unit=False)
""",
    ),
]
