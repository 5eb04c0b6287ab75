/// Sentences that were written before the model that is shipped was trained, and asked of it once, when it was chosen: each as
/// ABBA, of which BABA is made too. Forty of their 72 words stand in no text of the training.
const TEMPLATES: [&str; 12] = [
    "Yesterday evening [A] and [B] sat in the kitchen. [B] handed a [OBJECT] to [A]",
    "Because of the storm [A] and [B] stayed at the [PLACE], and [B] showed a [OBJECT] to [A]",
    "Once [A] met [B] near the [PLACE]. Later [B] sold a [OBJECT] to [A]",
    "As soon as [A] and [B] left the [PLACE], [B] threw the [OBJECT] to [A]",
    "Last year [A] travelled with [B]. On the way [B] passed a [OBJECT] to [A]",
    "Although [A] and [B] had never spoken, [B] wrote to [A]",
    "The teacher saw [A] and [B] in the [PLACE]. Quietly [B] returned the [OBJECT] to [A]",
    "Under the trees [A] and [B] built a hut, and [B] lent a hammer to [A]",
    "On Monday [A] and [B] cooked dinner. Suddenly [B] waved to [A]",
    "Neither [A] nor [B] could sleep, so [B] read a poem to [A]",
    "Both [A] and [B] wanted the last [OBJECT], but [B] left it to [A]",
    "Please ask [A] and [B] about the [OBJECT]; it seems that [B] mailed it to [A]",
];

/// Both orders of all.
pub fn templates() -> Vec<String> {
    let both = |template: &str| {
        let (before, from_s2) = template.split_at(template.rfind("[B]").expect("S2"));
        let exchanged = before.replace("[A]", "[C]").replace("[B]", "[A]").replace("[C]", "[B]");
        [template.to_owned(), exchanged + from_s2]
    };
    TEMPLATES.into_iter().flat_map(both).collect()
}
