#![no_main]
//! tokenizer.json.

use libfuzzer_sys::fuzz_target;
use patchbay::ErrorKind;
use patchbay::tokenizer::Tokenizer;

fuzz_target!(|json: &[u8]| {
    let tokens = Tokenizer::from_json(json).and_then(|tokenizer| {
        let tokens = tokenizer.encode("Then, ab gave a ring to b<|endoftext|>\u{e9}")?;
        assert!(tokens.iter().all(|&token| token <= tokenizer.largest_id()));
        Ok(tokens)
    });
    if let Err(error) = tokens {
        assert_eq!(error.kind(), ErrorKind::BadModel);
        let message = error.to_string();
        assert!(message.len() < 2000, "{message}");
    }
});
