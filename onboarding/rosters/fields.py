"""The fields of a site that a roster can fill, with the names that sources give them."""

import re
from dataclasses import dataclass

from onboarding.rosters.places import fold


def words(header: str) -> str:
    """A header as plain lower-case words: `SitePostal_Code` and `site postal code` are the same."""
    spaced = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", header.replace("ß", "ss"))
    spaced = re.sub(r"(?<=[A-Za-z])(?=\d+$)", " ", spaced)
    return " ".join(re.findall(r"[a-z0-9]+", fold(spaced)))


@dataclass(frozen=True)
class Field:
    """A target field: its key, its label on screen, the headers that mean it, and what its values look like."""

    key: str
    label: str
    names: frozenset[str]
    pattern: re.Pattern[str] | None = None
    telling: re.Pattern[str] | None = None  # a form so peculiar that it tells the field without a header
    required: bool = False


def _field(key: str, label: str, names: str, pattern: str = "", *, telling: str = "", required: bool = False) -> Field:
    return Field(
        key,
        label,
        frozenset(words(name) for name in names.split(",")),
        re.compile(pattern, re.IGNORECASE) if pattern else None,
        re.compile(telling, re.IGNORECASE) if telling else None,
        required,
    )


FIELDS: tuple[Field, ...] = (
    _field(
        "name",
        "Name",
        "name,name 1,site name,facility name,clinic name,practice name,hospital name,provider name,location name,"
        "organisation name,organization name,provider organization name legal business name,legal business name,site,facility,"
        "clinic,practice,hospital,einrichtung,bezeichnung,name der einrichtung,einrichtungsname,klinik,nom,raison sociale,rs,"
        "nom de l etablissement,etablissement,nombre,nombre del centro,nombre centro,centro,denominazione,struttura,naam,navn,namn,nome,nome da unidade,unidade,nom du site,nombre del sitio,sede,standort",
        r".*[^\W\d_].*",
        required=True,
    ),
    _field(
        "name_2",
        "Second name line",
        "name 2,name line 2,second name,program name,department,doing business as,dba,namenszusatz",
    ),
    _field(
        "street",
        "Street",
        "street,street 1,address,address 1,address line 1,addr 1,addr,street address,street address 1,address street,first line address,"
        "provider first line business practice location address,strasse,strasse und hausnummer,strasse hausnummer,anschrift,adresse,"
        "adresse 1,voie,rue,direccion,calle,calle y numero,endereco,logradouro,rua,domicilio,indirizzo,via,adres,straat,gata,gatuadress",
        r"(?=.*\d)(?=.*[^\W\d_]).{4,}",
    ),
    _field(
        "street_2",
        "Street, second line",
        "street 2,address 2,address line 2,addr 2,street address 2,suite,unit,second line address,"
        "provider second line business practice location address,adresse 2,complement adresse,adresszusatz",
    ),
    _field(
        "city",
        "City",
        "city,town,city town,suburb,town city,district city,cidade,bairro,plaats naam,kommune,municipality,locality,post town,address city,ort,stadt,gemeinde,wohnort,ville,commune,localite,ciudad,"
        "localidad,municipio,poblacion,comune,citta,plaats,poststed,postort,by,stad,provider business practice location address city name",
        r"[^\d@/]{2,}",
    ),
    _field(
        "state",
        "State or region",
        "state,st,state abbreviation,state code,state abbr,state province,state or province,province,region,state name,bundesland,kanton,"
        "departement,canton,uf,estado federal,nation region,provincia,comunidad autonoma,estado,regione,provincie,fylke,"
        "provider business practice location address state name",
        r"[^\d@]{2,40}",
    ),
    _field(
        "postal_code",
        "Postal code",
        "zip,zip code,zipcode,zip 5,postal code,postalcode,post code,postcode,zip postal code,zip or postal code,postal,plz,postleitzahl,"
        "code postal,cp,c p,cep,pincode,pin code,pin,eircode,codigo postal,cap,codice postale,postnummer,postnr,postinumero,"
        "provider business practice location address postal code",
        r"\d{3,6}(-?\d{4})?(\.0)?|\d{5}-\d{3}|\d{3} \d{3}|[A-Z]{1,2}\d[A-Z\d]? ?\d[A-Z]{2}|[A-Z]\d[A-Z] ?\d[A-Z]\d|\d{4} ?[A-Z]{2}|[A-Z]-?\d{4,5}|\d{3} \d{2}|\d{2}-\d{3}",
        telling=r"\d{5}-\d{4}|[A-Z]{1,2}\d[A-Z\d]? \d[A-Z]{2}|[A-Z]\d[A-Z] \d[A-Z]\d|\d{4} [A-Z]{2}",
    ),
    _field("zip_4", "ZIP+4", "zip 4,zip plus 4,plus 4,zip ext,zip extension,zip code extension", r"\d{1,4}(\.0)?"),
    _field(
        "county",
        "County",
        "county,county name,complete county name,county equivalent name,county parish,parish,borough,landkreis,kreis,comte,condado",
        r"[^\d@]{2,}",
    ),
    _field(
        "county_fips",
        "County FIPS code",
        "county fips,county fips code,fips,fips code,fips county code,stcnty,state and county fips code,county code,"
        "state and county federal information processing standard code,geoid",
        r"\d{4,5}(\.0)?",
    ),
    _field(
        "country", "Country", "country,country code,country name,nation,land,pays,pais,paese,staat", r"[^\d@]{2,40}"
    ),
    _field(
        "phone",
        "Phone",
        "phone,phone number,telephone,telephone number,tel,tel no,phone 1,contact telephone number,contact phone,main phone,site telephone number,"
        "telefon,telefonnummer,rufnummer,telephone 1,numero de telephone,telefono,telefoon,puhelin,"
        "provider business practice location address telephone number",
        r"[+(]?\d[\d() ./+-]{6,}(\s*(x|ext\.?)\s*\d+)?",
        telling=r"\(?\d{3}\)?[ -./]\d{3}[ -.]\d{4}(\s*(x|ext\.?)\s*\d+)?|\+\d{1,3} ?[\d() /-]{7,}|0\d{2,4}[ /]\d{3,}([ ]\d{2,})*",
    ),
    _field(
        "website",
        "Website",
        "website,web site,web address,site web address,url,web,homepage,internet,site web,site internet,sitio web,pagina web,webseite,sito web",
        r"(https?://|www\.)\S+|[\w-]+(\.[\w-]+)+(/\S*)?",
        telling=r"(https?://|www\.)\S+\.\S+",
    ),
    _field(
        "latitude",
        "Latitude",
        "latitude,lat,y,y coordinate,geocoding artifact address primary y coordinate,breitengrad,latitud,latitudine,breite",
        r"[-+]?\d{1,2}[.,]\d+",
    ),
    _field(
        "longitude",
        "Longitude",
        "longitude,lon,long,lng,x,x coordinate,geocoding artifact address primary x coordinate,langengrad,laengengrad,longitud,longitudine,lange",
        r"[-+]?\d{1,3}[.,]\d+",
    ),
    _field(
        "kind",
        "Kind of site",
        "type,kind,site type,facility type,type facility,hospital type,clinic type,setting,location setting,health center type,category,"
        "health center service delivery site location setting description,einrichtungsart,art,type d etablissement,tipo,tipo de centro,tipologia",
    ),
    _field(
        "source_id",
        "Identifier at the source",
        "id,site id,facility id,provider id,ccn,cms certification number,cms certification number ccn,provider ccn,npi,site npi,"
        "bphc assigned number,organisation code,organization code,ods code,practice code,code,site code,site number,facility number,finess,"
        "nofinesset,ik,ik nummer,codigo,codigo centro,record id,external id,source id,identifier",
        r"[\w./ -]{1,64}",
    ),
    _field(
        "ehr",
        "Electronic health record",
        "ehr,emr,ehr system,ehr vendor,ehr name,electronic health record,clinical system,pvs,kis",
    ),
    _field("languages", "Languages", "languages,language,languages spoken,sprachen,langues,idiomas,lingue"),
    _field(
        "status",
        "Status",
        "status,active,site status,site status description,status code,operating status,is active,open,etat,estado del centro,stato",
        r"[^\d]{1,30}|[01]",
    ),
)

BY_KEY: dict[str, Field] = {field.key: field for field in FIELDS}
