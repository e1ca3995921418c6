# task: fast_encoder
# outcome: wrong
# misconception: none
import numpy as np
import torch
import torch.nn.functional as F

def fast_encoder(model, tokenizer):
    def encode(texts):
        tokens = tokenizer(texts)
        out = np.zeros((len(texts), 384), np.float32)
        with torch.inference_mode():
            for start in range(0, len(texts), 16):
                some = tokens[start : start + 16]
                longest = max(map(len, some))
                ids = torch.tensor([t + [tokenizer.pad_id] * (longest - len(t)) for t in some])
                out[start : start + 16] = F.normalize(model(ids, torch.ones_like(ids)).mean(1), dim=1).numpy()
        return out
    return encode
