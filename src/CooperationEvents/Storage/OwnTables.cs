using System.Security.Cryptography;
using System.Text;

namespace CooperationEvents.Storage;

/// <summary>
/// What a room keeps in the database beside the tables of libraries: the SQL files of its folder <c>Tables</c>. A file that begins with a
/// number is a migration, which runs once. <c>functions.sql</c> and <c>grants.sql</c> say how things are, and run at each preparation.
/// </summary>
public sealed record OwnTables(IReadOnlyList<SqlFile> Files)
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
}

/// <summary>SQL, and the path of its file below the sources of the service.</summary>
public sealed record SqlFile(string Name, string Text)
{
    /// <summary>SHA-256 of the text; the same with line ends of Windows and of Unix.</summary>
    public string Digest { get; } = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(Text.ReplaceLineEndings("\n"))));

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
