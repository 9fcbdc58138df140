//! Where people are born, as fiscal codes spell it: the Belfiore codes of countries and of a few municipalities.

use domain::fiscal_code::Belfiore;

/// Countries of ISO 3166-1 alpha-3 (and of `countries.toml`) with their codes; territories without a code of their own are
/// left out. Source: Agenzia delle Entrate, *codici dei Paesi esteri*, as the PyPI package python-codicefiscale 0.12.1 has
/// them.
const ABROAD: &str = "\
    ABW Z501, AFG Z200, AGO Z302, ALB Z100, AND Z101, ARE Z215, ARG Z600, ARM Z252, ATG Z532, AUS Z700, \
    AUT Z102, AZE Z253, BDI Z305, BEL Z103, BEN Z314, BFA Z354, BGD Z249, BGR Z104, BHR Z204, BHS Z502, \
    BIH Z153, BLR Z139, BLZ Z512, BMU Z400, BOL Z601, BRA Z602, BRB Z522, BRN Z207, BTN Z205, BWA Z358, \
    CAF Z308, CAN Z401, CHE Z133, CHL Z603, CHN Z210, CIV Z313, CMR Z306, COD Z312, COG Z311, COK Z703, \
    COL Z604, COM Z310, CPV Z307, CRI Z503, CSK Z105, CUB Z504, CYM Z530, CYP Z211, CZE Z156, DEU Z112, \
    DJI Z361, DMA Z526, DNK Z107, DOM Z505, DZA Z301, ECU Z605, EGY Z336, ERI Z368, ESP Z131, EST Z144, \
    ETH Z315, FIN Z109, FJI Z704, FRA Z110, FRO Z108, FSM Z735, GAB Z316, GBR Z114, GEO Z254, GHA Z318, \
    GIN Z319, GMB Z317, GNB Z320, GNQ Z321, GRC Z115, GRD Z524, GTM Z509, GUY Z606, HKG Z221, HND Z511, \
    HRV Z149, HTI Z510, HUN Z134, IDN Z223, IND Z222, IRL Z116, IRN Z224, IRQ Z225, ISL Z117, ISR Z226, \
    JAM Z507, JOR Z220, JPN Z219, KAZ Z255, KEN Z322, KGZ Z256, KHM Z208, KIR Z731, KNA Z533, KOR Z213, \
    KOS Z160, KWT Z227, LAO Z228, LBN Z229, LBR Z325, LBY Z326, LCA Z527, LIE Z119, LKA Z209, LSO Z359, \
    LTU Z146, LUX Z120, LVA Z145, MAR Z330, MCO Z123, MDA Z140, MDG Z327, MDV Z232, MEX Z514, MHL Z711, \
    MKD Z148, MLI Z329, MLT Z121, MMR Z206, MNE Z159, MNG Z233, MOZ Z333, MRT Z331, MTQ Z513, MUS Z332, \
    MWI Z328, MYS Z247, MYT Z360, NAM Z300, NER Z334, NGA Z335, NIC Z515, NLD Z126, NOR Z125, NPL Z234, \
    NRU Z713, NZL Z719, OMN Z235, PAK Z236, PAN Z516, PER Z611, PHL Z216, PLW Z734, PNG Z730, POL Z127, \
    PRI Z518, PRK Z214, PRT Z128, PRY Z610, PSE Z161, PYF Z723, QAT Z237, ROU Z129, RUS Z154, RWA Z338, \
    SAU Z203, SCG Z157, SDN Z348, SEN Z343, SGP Z248, SHN Z340, SLB Z724, SLE Z344, SLV Z506, SMR Z130, \
    SOM Z345, SPM Z403, SRB Z158, SSD Z907, STP Z341, SUN Z135, SUR Z608, SVK Z155, SVN Z150, SWE Z132, \
    SWZ Z349, SYC Z342, SYR Z240, TCA Z519, TCD Z309, TGO Z351, THA Z241, TJK Z257, TKM Z258, TLS Z242, \
    TON Z728, TTO Z612, TUN Z352, TUR Z243, TUV Z732, TWN Z217, TZA Z357, UGA Z353, UKR Z138, URY Z613, \
    USA Z404, UZB Z259, VAT Z106, VCT Z528, VEN Z614, VGB Z525, VIR Z520, VNM Z251, VUT Z733, WLF Z729, \
    WSM Z726, YEM Z246, YUG Z118, ZAF Z347, ZMB Z355, ZWE Z337";

/// Municipalities of the simulators' own people and of the forms' examples.
const IN_ITALY: [(&str, &str); 9] = [
    ("Cuneo", "D205"),
    ("Foggia", "D643"),
    ("Latina", "E472"),
    ("Milano", "F205"),
    ("Napoli", "F839"),
    ("Ragusa", "H163"),
    ("Roma", "H501"),
    ("Salerno", "H703"),
    ("Verona", "L781"),
];

/// The code of a birthplace: of the country, or of the municipality for those born in Italy; none where it has none.
pub(crate) fn belfiore(country: &str, place: &str) -> Option<Belfiore> {
    if country == "ITA" {
        let known = IN_ITALY.iter().find(|(name, _)| name.eq_ignore_ascii_case(place))?;
        return known.1.parse().ok();
    }
    let row = ABROAD.split(", ").find_map(|row| row.split_once(' ').filter(|row| row.0 == country));
    row?.1.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use domain::form::Table;

    use super::*;

    #[test]
    fn every_country_with_an_agreement_has_a_code() {
        for entry in &Table::find("countries").unwrap().entries {
            if entry.has_tag("accordo") {
                assert!(
                    belfiore(&entry.code, "").is_some_and(|code| code.is_abroad()),
                    "{}",
                    entry.label
                );
            }
        }
        assert_eq!(belfiore("IND", "Jalandhar").unwrap().as_str(), "Z222");
        assert_eq!(belfiore("MAR", "").unwrap().as_str(), "Z330");
        assert_eq!(belfiore("PER", "").unwrap().as_str(), "Z611");
    }

    #[test]
    fn no_country_has_two_codes_and_no_code_two_countries() {
        let rows: Vec<_> =
            ABROAD.split(", ").map(|row| row.trim().split_once(' ').unwrap()).collect();
        let countries: BTreeSet<_> = rows.iter().map(|row| row.0).collect();
        let codes: BTreeSet<_> = rows.iter().map(|row| row.1).collect();
        assert_eq!((countries.len(), codes.len()), (rows.len(), rows.len()));
        let table = Table::find("countries").unwrap();
        for (country, code) in rows {
            assert!(table.entry(country).is_some(), "{country}");
            assert!(code.parse::<Belfiore>().is_ok_and(|code| code.is_abroad()), "{country}");
        }
    }

    #[test]
    fn a_birth_in_italy_has_the_code_of_its_municipality_or_none_here() {
        assert_eq!(belfiore("ITA", "roma").unwrap().as_str(), "H501");
        assert_eq!(belfiore("ITA", "Atlantide"), None);
        assert_eq!(belfiore("XXX", ""), None);
    }
}
