using System.Text;
using System.Xml.Linq;
using CooperationEvents.Privacy;
using CooperationEvents.Storage;
using Microsoft.AspNetCore.DataProtection.Repositories;
using Microsoft.AspNetCore.DataProtection.XmlEncryption;
using Npgsql;

namespace CooperationEvents.Authentication;

/// <summary>The keys that cookies are protected with: in the database, for all nodes, sealed under the master key.</summary>
public sealed class CookieKeys(NpgsqlDataSource database) : IXmlRepository
{
    public IReadOnlyCollection<XElement> GetAllElements()
    {
        using var command = database.Statement("select element from access.cookie_key order by number");
        using var rows = command.ExecuteReader();
        var elements = new List<XElement>();
        while (rows.Read())
            elements.Add(XElement.Parse(rows.GetString(0)));
        return elements;
    }

    public void StoreElement(XElement element, string friendlyName)
    {
        var text = element.ToString(SaveOptions.DisableFormatting);
        using var command = database.Statement("insert into access.cookie_key (element) values ($1)", text);
        command.ExecuteNonQuery();
    }
}

/// <summary>
/// Seals the secret part of a cookie key. ASP.NET asks for it without a way to wait; it does so at the start, and then every few months.
/// </summary>
public sealed class CookieKeySeal(IServiceProvider services) : IXmlEncryptor, IXmlDecryptor
{
    private const string Key = "cookies";

    private readonly ServiceSeal _seal = services.GetRequiredService<ServiceSeal>();

    public EncryptedXmlInfo Encrypt(XElement plaintextElement)
    {
        var secret = plaintextElement.ToString(SaveOptions.DisableFormatting);
        var sealedBytes = Task.Run(() => _seal.Seal(Key, secret, Key, CancellationToken.None)).GetAwaiter().GetResult();
        return new EncryptedXmlInfo(new XElement("sealed", Convert.ToBase64String(sealedBytes)), typeof(CookieKeySeal));
    }

    public XElement Decrypt(XElement encryptedElement)
    {
        var sealedBytes = Convert.FromBase64String(encryptedElement.Value);
        var secret = Task.Run(() => _seal.Open(Key, sealedBytes, Key, CancellationToken.None)).GetAwaiter().GetResult();
        return XElement.Parse(Encoding.UTF8.GetString(secret));
    }
}
