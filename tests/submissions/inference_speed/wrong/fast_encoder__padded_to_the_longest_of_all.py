# task: fast_encoder
# outcome: wrong
# misconception: padded_beyond_need
import numpy as np
import torch
import torch.nn.functional as F

def fast_encoder(model, tokenizer):
    def encode(texts):
        tokens = tokenizer(texts)
        longest = max(map(len, tokens))
        ids = torch.tensor([t + [tokenizer.pad_id] * (longest - len(t)) for t in tokens])
        mask = torch.tensor([[1] * len(t) + [0] * (longest - len(t)) for t in tokens])
        rows = []
        with torch.inference_mode():
            for i, m in zip(ids.split(32), mask.split(32)):
                rows.append((model(i, m) * m[..., None]).sum(1) / m.sum(1, keepdim=True))
        return F.normalize(torch.cat(rows), dim=1)
    return encode
