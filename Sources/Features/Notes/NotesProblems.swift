import Platform

extension ProblemKind {
    static let tooManyNotes = ProblemKind(
        "TOO_MANY_NOTES", 400, "The organization keeps as many notes as it may. Delete some first.")
}
