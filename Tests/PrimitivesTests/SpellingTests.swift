import Primitives
import Testing

@Suite("What somebody meant who wrote another name")
struct SpellingTests {
    private static let names = ["trigger", "condition", "set", "on_error", "CRM"]

    @Test(
        "the nearest name is found whatever the slip: a letter less, more, another or swapped, or case",
        arguments: [
            ("triger", "trigger"), ("triggger", "trigger"), ("trigjer", "trigger"),
            ("tirgger", "trigger"), ("Trigger", "trigger"), ("conditon", "condition"),
            ("ste", "set"), ("onerror", "on_error"), ("crn", "CRM"), ("condtiions", "condition"),
        ]
    )
    func slips(word: String, meant: String) {
        #expect(Spelling.nearest(to: word, among: Self.names) == meant)
    }

    @Test(
        "a word that is like none of them was not meant to be one",
        arguments: ["", "teleport", "tri", "sunset", String(repeating: "trigger", count: 10)]
    )
    func others(word: String) {
        #expect(Spelling.nearest(to: word, among: Self.names) == nil)
    }

    @Test("of no names none is near")
    func noNames() {
        #expect(Spelling.nearest(to: "trigger", among: []) == nil)
    }
}
