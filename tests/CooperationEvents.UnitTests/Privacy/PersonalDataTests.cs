using System.Diagnostics.Metrics;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using CooperationEvents.Kernel;
using CooperationEvents.People;
using CooperationEvents.Privacy;
using CooperationEvents.UnitTests.Contracts;
using Microsoft.Extensions.Caching.Memory;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;

namespace CooperationEvents.UnitTests.Privacy;

public sealed class PersonalDataTests : IDisposable
{
    private static readonly Guid EventId = Given.EventId(7);

    private static readonly PersonRegistered Registered = new(
        Some.Ana,
        Protected.Of("Ana Silva – Ångström"),
        Protected.Of("ana@example.eu"),
        Protected.Of("""{"system":"crm","id":"7"}""")
    );

    private static readonly IReadOnlyDictionary<FieldClass, int> None = new Dictionary<FieldClass, int>();

    private readonly NpgsqlDataSource _nowhere = NpgsqlDataSource.Create("Host=nowhere.invalid");
    private readonly ErasedPeople _erased = new();
    private readonly UnreadableAlarm _alarm;
    private readonly KeyStore _keys;
    private readonly PersonalData _personalData;

    public PersonalDataTests()
    {
        _keys = new KeyStore(
            new KeyDatabase(_nowhere, isOfItsOwn: false),
            MasterKeys.Parse(Convert.ToBase64String(new byte[32]), "here"),
            _erased,
            TimeProvider.System
        );
        Remember(Some.Ana);
        Remember(Some.Ben);
        _alarm = new UnreadableAlarm(NullLogger<UnreadableAlarm>.Instance);
        _personalData = new PersonalData(_keys, _erased, _alarm);
    }

    public void Dispose()
    {
        _keys.Dispose();
        _alarm.Dispose();
        _nowhere.Dispose();
    }

    [Fact]
    public async Task What_is_sealed_opens_again()
    {
        var sealed_ = await Sealed(Registered);
        (await _personalData.Open(sealed_, EventId, "person_registered", default)).ShouldBe(Registered);
    }

    [Fact]
    public async Task A_sealed_event_can_be_stored_and_tells_nothing()
    {
        var json = JsonSerializer.Serialize(await Sealed(Registered), Json.Options);

        json.ShouldNotContain("Silva");
        json.ShouldNotContain("example.eu");
        var read = JsonSerializer.Deserialize<PersonRegistered>(json, Json.Options)!;
        (await _personalData.Open(read, EventId, "person_registered", default)).ShouldBe(Registered);
    }

    [Fact]
    public async Task The_same_text_is_never_sealed_alike() => (await Sealed(Registered)).Name.ShouldNotBe((await Sealed(Registered)).Name);

    [Fact]
    public async Task A_field_that_is_absent_stays_absent()
    {
        var least = await Sealed(new PersonRegistered(Some.Ana, Protected.Of("Ana Silva")));
        least.Email.ShouldBeNull();
        least.ExternalReference.ShouldBeNull();
    }

    [Fact]
    public async Task A_field_opens_by_itself()
    {
        var field = new SealedField(EventId, "person_registered", "email", (await Sealed(Registered)).Email!.Ciphertext!);
        (await _personalData.Open(Some.Ana, field, default)).ShouldBe("ana@example.eu");
    }

    [Fact]
    public async Task A_field_opens_for_its_own_person_event_type_and_name_alone()
    {
        var field = new SealedField(EventId, "person_registered", "email", (await Sealed(Registered)).Email!.Ciphertext!);

        await Refused(Some.Ben, field);
        await Refused(Some.Ana, field with { EventId = Given.EventId(8) });
        await Refused(Some.Ana, field with { EventType = "person_details_corrected" });
        await Refused(Some.Ana, field with { Field = "name" });

        async Task Refused(Guid personId, SealedField moved) => (await _personalData.Open(personId, moved, default)).ShouldBeNull();
    }

    [Fact]
    public async Task A_field_that_was_altered_does_not_open()
    {
        var ciphertext = (await Sealed(Registered)).Name.Ciphertext!;
        var bytes = Convert.FromBase64String(ciphertext["identity.1:".Length..]);
        for (var i = 0; i < bytes.Length; i++)
        {
            var altered = (byte[])bytes.Clone();
            altered[i] ^= 1;
            (await Open(altered)).ShouldBeNull();
        }

        (await Open(bytes[..^1])).ShouldBeNull();
        (await Open([])).ShouldBeNull();
        (await Open(bytes)).ShouldBe("Ana Silva – Ångström");
        foreach (var prefix in new[] { "", "contact.1:", "identity:", "identity.1:identity.1:", "identity.-1:" })
            (await OpenText(prefix + Convert.ToBase64String(bytes))).ShouldBeNull(prefix);

        Task<string?> Open(byte[] altered) => OpenText("identity.1:" + Convert.ToBase64String(altered));

        Task<string?> OpenText(string altered) =>
            _personalData.Open(Some.Ana, new SealedField(EventId, "person_registered", "name", altered), default);
    }

    [Fact]
    public async Task What_was_altered_is_counted()
    {
        var counted = 0L;
        using var listener = new MeterListener
        {
            InstrumentPublished = (instrument, l) =>
            {
                if (instrument.Name == "privacy.unreadable")
                    l.EnableMeasurementEvents(instrument, _alarm);
            },
        };
        listener.SetMeasurementEventCallback<long>((instrument, measured, _, state) => Interlocked.Add(ref counted, measured));
        listener.Start();
        var altered = new SealedField(EventId, "person_registered", "name", Convert.ToBase64String(new byte[40]));

        (await _personalData.Open(Some.Ana, altered, default)).ShouldBeNull();
        (await _personalData.Open(Some.Ana, altered, default)).ShouldBeNull();

        counted.ShouldBeGreaterThanOrEqualTo(2);
    }

    [Fact]
    public async Task A_field_that_was_sealed_under_the_persons_key_itself_opens_as_before()
    {
        var key = KeysInMemory(_keys).Get<(object Key, long)>((object)Some.Ana).Key as PersonKey;
        var (nonce, bytes, tag) = (RandomNumberGenerator.GetBytes(12), new byte[3], new byte[16]);
        using (var aes = new AesGcm(key!.Key!, tag.Length))
            aes.Encrypt(nonce, "Ana"u8, bytes, tag, Encoding.UTF8.GetBytes($"{EventId}\nperson_registered\nname"));

        var field = new SealedField(EventId, "person_registered", "name", Convert.ToBase64String([.. nonce, .. bytes, .. tag]));

        (await _personalData.Open(Some.Ana, field, default)).ShouldBe("Ana");
        (await _personalData.HasExpired(Some.Ana, field, default)).ShouldBeFalse();
    }

    [Fact]
    public async Task What_expired_does_not_open_and_says_so_and_the_rest_opens_as_before()
    {
        var sealed_ = await Sealed(Registered);

        Expire(Some.Ana, FieldClass.Contact);

        var opened = (PersonRegistered)await _personalData.Open(sealed_, EventId, "person_registered", default);
        opened.ShouldBe(Registered with { Email = sealed_.Email });
        (await _personalData.Expired(sealed_, default)).ShouldBe(["email"]);
        (await _personalData.Standing(Some.Ana, default)).ShouldBe(PersonalStanding.Readable);
    }

    [Fact]
    public async Task What_is_sealed_after_something_expired_goes_under_another_salt()
    {
        KeysInMemory(_keys).Set((object)Some.Ana, Made(PersonKeyState.Active, 1, 2), new MemoryCacheEntryOptions { Size = 1 });
        var after = new Dictionary<FieldClass, int> { [FieldClass.Contact] = 1 };

        var sealed_ = (PersonRegistered)(await _personalData.Seal(Registered, EventId, "person_registered", after, default))!;

        sealed_.Email!.Ciphertext!.ShouldStartWith("contact.2:");
        var none = new Dictionary<FieldClass, int> { [FieldClass.Contact] = 2 };
        (await _personalData.Seal(Registered, EventId, "person_registered", none, default)).ShouldBeNull(
            "there is no third, and none is made"
        );
    }

    [Fact]
    public async Task What_is_restricted_opens_for_rules_and_reports_alone()
    {
        Remember(Some.Cem, PersonKeyState.Restricted);
        var sealed_ = (PersonRegistered)
            (await _personalData.Seal(new PersonRegistered(Some.Cem, Protected.Of("Cem")), EventId, "person_registered", None, default))!;
        var field = new SealedField(EventId, "person_registered", "name", sealed_.Name.Ciphertext!);

        (await _personalData.Open(Some.Cem, field, default)).ShouldBeNull();
        (await _personalData.Open(Some.Cem, field, default, evenRestricted: true)).ShouldBe("Cem");
        (await _personalData.Standing(Some.Cem, default)).ShouldBe(PersonalStanding.Restricted);
    }

    [Fact]
    public async Task Nothing_of_an_erased_person_opens_though_the_key_is_still_in_memory()
    {
        var field = new SealedField(EventId, "person_registered", "email", (await Sealed(Registered)).Email!.Ciphertext!);

        _erased.Add([Some.Ana]);

        (await _personalData.Open(Some.Ana, field, default, evenRestricted: true)).ShouldBeNull();
        (await _personalData.Standing(Some.Ana, default)).ShouldBe(PersonalStanding.Erased);
    }

    [Fact]
    public void Every_personal_field_of_every_event_is_sealed_under_its_own_json_name()
    {
        var events = EventSamples.All.OfType<IHoldPersonalData>().ToArray();
        events.ShouldNotBeEmpty();
        foreach (var e in events)
        {
            var seen = new Dictionary<string, Protected>();
            var changed = e.WithPersonalFields(
                (field, value) =>
                {
                    seen.Add(field, value);
                    return Protected.Sealed("changed");
                }
            );

            var fields = e.GetType().GetProperties().Where(p => p.PropertyType == typeof(Protected)).ToArray();
            seen.Keys.ShouldBe(fields.Select(f => JsonNamingPolicy.CamelCase.ConvertName(f.Name)), ignoreOrder: true, e.GetType().Name);
            foreach (var field in fields)
            {
                seen[JsonNamingPolicy.CamelCase.ConvertName(field.Name)].ShouldBe(field.GetValue(e));
                field.GetValue(changed).ShouldBe(Protected.Sealed("changed"));
            }
        }
    }

    [Fact]
    public void Every_personal_field_of_every_event_has_a_class() =>
        EventSamples
            .All.OfType<IHoldPersonalData>()
            .ShouldAllBe(e =>
                e.WithPersonalFields((field, value) => Enum.IsDefined(FieldSalt.ClassOf(field)) ? value : Protected.Sealed("")) != null
            );

    [Fact]
    public void Every_event_with_a_personal_field_says_so() =>
        EventSamples
            .All.Where(e =>
                e is not IHoldPersonalData
                && e.GetType().GetProperties(BindingFlags.Public | BindingFlags.Instance).Any(p => p.PropertyType == typeof(Protected))
            )
            .ShouldBeEmpty();

    private async Task<PersonRegistered> Sealed(PersonRegistered plain) =>
        (PersonRegistered)(await _personalData.Seal(plain, EventId, "person_registered", None, default))!;

    /// <summary>As if the person's key had just been read; the database is never asked.</summary>
    private void Remember(Guid personId, PersonKeyState state = PersonKeyState.Active) =>
        KeysInMemory(_keys).Set((object)personId, Made(state, 1), new MemoryCacheEntryOptions { Size = 1 });

    /// <summary>As if the salts of the class had just been destroyed.</summary>
    private void Expire(Guid personId, FieldClass of)
    {
        var (known, at) = KeysInMemory(_keys).Get<(object Key, long At)>((object)personId);
        var key = (PersonKey)known;
        var fields = key.Fields.ConvertAll(f => f.Salt.Class == of ? new FieldKey(f.Salt, IsDestroyed: true, null) : f);
        KeysInMemory(_keys).Set((object)personId, ((object)(key with { Fields = fields }), at), new MemoryCacheEntryOptions { Size = 1 });
    }

    private static (object, long) Made(PersonKeyState state, params int[] salts)
    {
        var key = RandomNumberGenerator.GetBytes(32);
        return (
            new PersonKey(state, key)
            {
                Fields =
                [
                    .. Enum.GetValues<FieldClass>()
                        .SelectMany(
                            of => salts,
                            (of, number) => FieldKey.Of(key, new FieldSalt(of, number), RandomNumberGenerator.GetBytes(32))
                        ),
                ],
            },
            TimeProvider.System.GetTimestamp()
        );
    }

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_cache")]
    private static extern ref MemoryCache KeysInMemory(KeyStore keys);
}
