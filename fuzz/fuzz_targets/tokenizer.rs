#![no_main]
//! tokenizer.json; vocab.json and merges.txt, which a zero byte parts; and the list of a model's files.

use libfuzzer_sys::fuzz_target;
use patchbay::ErrorKind;
use patchbay::tokenizer::{Tokenizer, from_vocabulary};
use patchbay::weights::shard_files;

fn encode(json: &[u8]) -> patchbay::Result<()> {
    let tokenizer = Tokenizer::from_json(json)?;
    let tokens = tokenizer.encode("Then, ab gave a ring to b<|endoftext|>\u{e9}")?;
    assert!(tokens.iter().all(|&token| token <= tokenizer.largest_id()));
    for token in tokens {
        tokenizer.text(token)?;
    }
    Ok(())
}

fn files(json: &[u8]) -> patchbay::Result<()> {
    let files = shard_files(json)?;
    assert!(files.iter().all(|name| !name.contains('/') && !name.contains("..")), "{files:?}");
    Ok(())
}

fuzz_target!(|bytes: &[u8]| {
    let parts = bytes.iter().position(|&byte| byte == 0).map(|at| (&bytes[..at], &bytes[at + 1..]));
    let converted =
        parts.map(|(vocab, merges)| from_vocabulary(vocab, merges).and_then(|json| encode(&json)));
    for result in [encode(bytes), files(bytes)].into_iter().chain(converted) {
        if let Err(error) = result {
            assert_eq!(error.kind(), ErrorKind::BadModel);
            let message = error.to_string();
            assert!(message.len() < 2000, "{message}");
        }
    }
});
