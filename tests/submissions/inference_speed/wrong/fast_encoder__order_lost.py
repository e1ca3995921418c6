# task: fast_encoder
# outcome: wrong
# misconception: rows_of_other_texts
import numpy as np
import torch
import torch.nn.functional as F

def fast_encoder(model, tokenizer):
    def encode(texts):
        tokens = sorted(tokenizer(texts), key=len)
        rows = []
        with torch.inference_mode():
            for start in range(0, len(tokens), 16):
                some = tokens[start : start + 16]
                longest = len(some[-1])
                ids = torch.tensor([t + [tokenizer.pad_id] * (longest - len(t)) for t in some])
                mask = torch.tensor([[1] * len(t) + [0] * (longest - len(t)) for t in some])
                rows.append((model(ids, mask) * mask[..., None]).sum(1))
        return F.normalize(torch.cat(rows), dim=1)
    return encode
