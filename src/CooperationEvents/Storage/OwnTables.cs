using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;

namespace CooperationEvents.Storage;

/// <summary>
/// What a room keeps in the database beside the tables of libraries: the SQL files of its folder <c>Tables</c>. A file that begins with a
/// number is a migration, which runs once. <c>functions.sql</c> and <c>grants.sql</c> say how things are, and run at each preparation.
/// </summary>
public sealed partial record OwnTables(IReadOnlyList<SqlFile> Files)
{
    /// <summary>Those of a room, which are embedded.</summary>
    public static OwnTables Of(string room) =>
        new([
            .. typeof(OwnTables)
                .Assembly.GetManifestResourceNames()
                .Where(name => name.StartsWith($"{room}/Tables/", StringComparison.Ordinal))
                .Order(StringComparer.Ordinal)
                .Select(SqlFile.Embedded),
        ]);

    public IEnumerable<SqlFile> Migrations => Files.Where(file => char.IsAsciiDigit(Path.GetFileName(file.Name)[0]));

    public IEnumerable<SqlFile> Functions => Files.Where(file => Path.GetFileName(file.Name) == "functions.sql");

    public IEnumerable<SqlFile> Grants => Files.Where(file => Path.GetFileName(file.Name) == "grants.sql");

    /// <summary>
    /// A query for the functions of these rooms that are missing in the database, stand there under other parameters too, or do not do what
    /// their files say: by another body or language, with other rights, or with settings of their own. A schema that is not in this
    /// database is passed over: that of the keys may lie in another. A function that is to take other parameters gets another name: nodes
    /// of the version before call it as it was.
    /// </summary>
    public static string AlteredFunctions(IEnumerable<OwnTables> rooms)
    {
        var expected = rooms
            .SelectMany(room => room.Functions)
            .SelectMany(file => Function().Matches(file.Text.ReplaceLineEndings("\n")))
            .Select(m =>
                $"('{m.Groups["name"].Value}', '{m.Groups["language"].Value}', {m.Groups["definer"].Success}, "
                + $"'{m.Groups["path"].Value}', '{SqlFile.DigestOf(m.Groups["body"].Value)}')"
            );
        return $"""
            select f.name from (values {string.Join(", ", expected)}) f (name, language, definer, path, body)
            where exists (select from pg_namespace n where f.name like n.nspname || '.%') and (
                select bool_and(
                    l.lanname = f.language and p.prosecdef = f.definer
                    and coalesce(array_to_string(p.proconfig, ' '), '') = case f.path when '' then '' else 'search_path=' || f.path end
                    and encode(sha256(convert_to(replace(p.prosrc, E'\r', ''), 'UTF8')), 'hex') = f.body)
                from pg_proc p join pg_namespace n on n.oid = p.pronamespace join pg_language l on l.oid = p.prolang
                where n.nspname || '.' || p.proname = f.name
            ) is not true
            """;
    }

    [GeneratedRegex(
        @"create or replace function (?<name>[a-z_]+\.[a-z_]+)\([^$]*?\blanguage (?<language>[a-z]+)(?<definer> security definer)?"
            + @"(\s+set search_path = (?<path>[a-z_, ]+?))?\s+as (?<quote>\$[a-z]*\$)(?<body>.*?)\k<quote>",
        RegexOptions.Singleline
    )]
    private static partial Regex Function();
}

/// <summary>SQL, and the path of its file below the sources of the service.</summary>
public sealed record SqlFile(string Name, string Text)
{
    /// <summary>SHA-256 of the text; the same with line ends of Windows and of Unix.</summary>
    public string Digest { get; } = DigestOf(Text);

    /// <summary>SHA-256 of a text; the same with line ends of Windows and of Unix.</summary>
    internal static string DigestOf(string text) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text.ReplaceLineEndings("\n"))));

    internal static SqlFile Embedded(string name)
    {
        using var text = new StreamReader(typeof(SqlFile).Assembly.GetManifestResourceStream(name)!);
        return new SqlFile(name, text.ReadToEnd());
    }
}

public static class OwnTablesRegistration
{
    /// <summary>Has the tables of a room made, after those of rooms that were registered before.</summary>
    public static IServiceCollection AddTables(this IServiceCollection services, string room) => services.AddSingleton(OwnTables.Of(room));
}
